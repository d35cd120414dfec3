# tests/e2e/test_push.py: what happens is pushed over WebSockets, and who comes back gets exactly what was missed.
import concurrent.futures
import random
import threading
import time

import pytest

from api import UUID, ok, parse_time
from push import listening, named

SESSION_EVENTS = {"session_started", "session_progressed", "session_completed", "session_abandoned"}
LEARNER_EVENTS = {"xp_awarded", "level_reached", "streak_extended", "streak_ended", "streak_milestone_reached", "achievement_unlocked"}


def by_subject(events):
    order = {}
    for event in events:
        order.setdefault(event["subject"], []).append(event["id"])
    return order


# The protocol


def test_the_whole_way_of_a_session(api, mika, pomodoro):
    push, subscribed = listening(api, mika)
    with push:
        assert push.socket.subprotocol == "kiroku.v1.json"
        assert set(subscribed) == {"type", "channel", "position", "recovered"}
        assert subscribed["channel"] == "me" and subscribed["position"] and subscribed["recovered"] is False
        session = mika.start(pomodoro)
        ok(mika.post(f"/challenge-sessions/{session['id']}/progress", {"currentPhase": "rest"}), 200)
        done = mika.complete(session, score=100)
        events = push.wait_for_event("me", "achievement_unlocked")
        assert [named(event) for event in events[:3]] == ["session_started", "session_progressed", "session_completed"]
        for event in events:
            assert set(event) == {"id", "type", "subject", "time", "traceparent", "data"} and UUID.fullmatch(event["id"]) and parse_time(event["time"])
        assert events[0]["subject"] == f"challenge_session/{session['id']}"
        assert events[1]["data"]["currentPhase"] == "rest" and events[2]["data"]["performanceScore"] == 100
        time.sleep(0.3)
        events = push.events("me")
        awards = [event["data"] for event in events if named(event) == "xp_awarded"]
        assert sum(award["amount"] for award in awards) == done["reward"]["xpAwarded"]
        assert {award["awardId"] for award in awards} == {award["awardId"] for award in mika.history(done["position"])}
        assert sorted(event["data"]["streakType"] for event in events if named(event) == "streak_extended") == [
            "challenge_completion", "daily", "weekly"]
        assert {named(event) for event in events} <= SESSION_EVENTS | LEARNER_EVENTS
        assert len({event["id"] for event in events}) == len(events)
        message = push.messages[-1]
        assert set(message) == {"type", "channel", "position", "event"}


def test_only_what_is_mine(api, new_learner, mika, pomodoro):
    yuki = new_learner()
    push, _ = listening(api, mika)
    with push:
        yuki.practise(pomodoro)
        mika.practise(pomodoro)
        for event in push.wait_for_event("me", "achievement_unlocked"):
            assert event["data"].get("userId", mika.user_id) == mika.user_id
            assert yuki.user_id not in str(event)


def test_the_leaderboard_tells_what_anybody_may_know(api, new_learner, mika, pomodoro):
    yuki = new_learner()
    push, subscribed = listening(api, mika, "leaderboard:global")
    with push:
        assert subscribed["channel"] == "leaderboard:global"
        done = yuki.practise(pomodoro, score=90)
        hers = lambda: [event for event in push.events("leaderboard:global") if event["userId"] == yuki.user_id]
        with push.arrived:
            push.arrived.wait_for(lambda: sum(item["xpAwarded"] for item in hers()) == done["reward"]["xpAwarded"], 10)
        items = hers()
        assert sum(item["xpAwarded"] for item in items) == done["reward"]["totalXp"] == items[-1]["totalXp"]
        for item in items:
            assert set(item) <= {"type", "userId", "displayName", "xpAwarded", "totalXp", "occurredAt"} and parse_time(item["occurredAt"])
        assert push.events("me") == []


def test_both_channels_unsubscribe_and_mistakes(api, mika, pomodoro):
    push, _ = listening(api, mika)
    with push:
        push.subscribe("leaderboard:global")
        push.say({"type": "subscribe", "channel": "leaderboard:mars"})
        assert push.hears("error")["code"] and push.closed is None
        push.say({"type": "subscribe", "channel": "me"})
        assert push.hears("error")["code"]
        push.say({"type": "unsubscribe", "channel": "me"})
        push.hears("unsubscribed")
        push.say({"type": "ping"})
        push.hears("pong")
        mika.practise(pomodoro)
        push.wait_for_event("leaderboard:global", "leaderboard_item")
        assert push.events("me") == []


def test_each_session_is_pushed_as_it_begins(api, mika, pomodoro):
    push, _ = listening(api, mika)
    with push:
        for count in range(1, 21):
            session = mika.start(pomodoro)
            push.wait_for_events("me", count)
            assert push.events("me")[-1]["subject"].endswith(session["id"])


# Coming back


def test_exactly_what_was_missed(api, mika, pomodoro):
    constant, _ = listening(api, mika)
    push, _ = listening(api, mika)
    with constant:
        mika.practise(pomodoro)
        before = push.wait_for_event("me", "achievement_unlocked")
        time.sleep(0.3)
        before = push.events("me")
        since = push.positions["me"]
        push.close()
        mika.practise(pomodoro, score=60)
        given_up = mika.start(pomodoro)
        ok(mika.post(f"/challenge-sessions/{given_up['id']}/abandon"), 200)
        constant.wait_for_event("me", "streak_ended")

        push, subscribed = listening(api, mika, since=since)
        with push:
            assert subscribed["recovered"] is True and subscribed["position"]
            push.wait_for_event("me", "streak_ended")
            missed = push.events("me")
            assert by_subject(before + missed) == by_subject(constant.events("me"))
            mika.start(pomodoro)
            with push.arrived:
                push.arrived.wait_for(lambda: len(push.events("me")) == len(missed) + 1, 10)
            assert named(push.events("me")[-1]) == "session_started"


def test_from_each_single_event_on(api, mika, pomodoro):
    push, _ = listening(api, mika)
    with push:
        mika.practise(pomodoro)
        mika.practise(pomodoro)
        push.wait_for_event("me", "achievement_unlocked")
        time.sleep(0.5)
        told = [message for message in push.messages if message["type"] == "event"]
    ids = [message["event"]["id"] for message in told]
    for place, message in enumerate(told):
        back, subscribed = listening(api, mika, since=message["position"])
        with back:
            assert subscribed["recovered"] is True
            rest = back.wait_for_events("me", len(ids) - place - 1)
            assert sorted(event["id"] for event in rest) == sorted(ids[place + 1:])


def test_from_before_the_first_event(api, new_learner, pomodoro):
    learner = new_learner()
    push, subscribed = listening(api, learner)
    push.close()
    session = learner.start(pomodoro)
    push, again = listening(api, learner, since=subscribed["position"])
    with push:
        assert again["recovered"] is True
        [event] = push.wait_for_events("me", 1)
        assert event["subject"].endswith(session["id"])


def test_nothing_is_lost_or_doubled_whenever_the_line_breaks(api, mika, pomodoro):
    """A client that is cut off again and again hears what one that never is hears."""
    constant, _ = listening(api, mika)
    stop = threading.Event()

    def practise():
        while not stop.is_set():
            mika.practise(pomodoro, score=random.randrange(101))

    heard, since = [], constant.positions["me"]
    with constant, concurrent.futures.ThreadPoolExecutor(1) as pool:
        busy = pool.submit(practise)
        for _ in range(15):
            push, subscribed = listening(api, mika, since=since)
            assert subscribed["recovered"] is True
            time.sleep(random.uniform(0, 0.3))
            push.cut()
            heard += push.events("me")
            since = push.positions["me"]
        stop.set()
        busy.result(30)
        push, subscribed = listening(api, mika, since=since)
        with push:
            expected = lambda: {event["id"] for event in constant.events("me")}
            until = time.monotonic() + 10
            quiet = 0
            while quiet < 5 and time.monotonic() < until:
                time.sleep(0.1)
                got = {event["id"] for event in heard + push.events("me")}
                quiet = quiet + 1 if got == expected() else 0
            heard += push.events("me")
        assert by_subject(heard) == by_subject(constant.events("me")) and len(heard) > 20


def test_the_leaderboard_resumes_too(api, new_learner, mika, pomodoro):
    push, subscribed = listening(api, mika, "leaderboard:global")
    push.close()
    yuki = new_learner()
    done = yuki.practise(pomodoro)
    push, again = listening(api, mika, "leaderboard:global", subscribed["position"])
    with push:
        assert again["recovered"] is True
        hers = lambda: sum(item["xpAwarded"] for item in push.events("leaderboard:global") if item["userId"] == yuki.user_id)
        with push.arrived:
            push.arrived.wait_for(lambda: hers() >= done["reward"]["totalXp"], 10)
        assert hers() == done["reward"]["totalXp"]


@pytest.mark.parametrize("channel", ["me", "leaderboard:global"])
def test_positions_of_others_are_not_believed(api, new_learner, mika, channel):
    """Of another user, of another channel, or of nobody: said out loud, so that the client fetches anew."""
    yuki = new_learner()
    push, hers = listening(api, yuki)
    push.close()
    forged = hers["position"][:-2] + ("AA" if hers["position"][-2:] != "AA" else "BB")
    for since in (hers["position"], forged, "challenges/1@5", "x"):
        push, subscribed = listening(api, mika, channel, since)
        with push:
            assert subscribed["recovered"] is False and subscribed["position"] not in ("", since)


def test_many_listeners_hear_the_same(api, mika, pomodoro):
    pushes = [listening(api, mika)[0] for _ in range(50)]
    mika.practise(pomodoro)
    first = pushes[0].wait_for_event("me", "achievement_unlocked")
    time.sleep(0.5)
    expected = [message for message in pushes[0].messages if message["type"] == "event"]
    assert len(expected) >= len(first)
    for push in pushes:
        assert [message for message in push.messages if message["type"] == "event"] == expected
        push.close()
