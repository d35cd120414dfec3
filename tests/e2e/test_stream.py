# tests/e2e/test_stream.py: what happens, told by server-sent events; a stream goes on where one ended, at any gateway.
import signal
import threading
import time

import pytest

from api import ok, patience, refused
from push import listening, named
from stream import Stream
from test_metrics import samples, total


def by_subject(events):
    order = {}
    for event in events:
        order.setdefault(event["subject"], []).append(event["id"])
    return order


def has(stream, kind):
    return lambda: any(named(event) == kind for event in stream.events())


def test_the_same_as_by_websocket(api, mika, pomodoro):
    push, _ = listening(api, mika)
    with push, Stream(api, mika) as stream:
        [subscribed] = stream.subscribed()
        assert subscribed["channel"] == "me" and subscribed["recovered"] is False and subscribed["position"] == stream.last_id
        assert 500 <= stream.retry <= 2500
        mika.practise(pomodoro)
        push.wait_for_event("me", "achievement_unlocked")
        stream.wait_for(lambda: len(stream.events()) == len(push.events("me")))
        assert by_subject(stream.events()) == by_subject(push.events("me"))


def test_exactly_what_was_missed(api, mika, pomodoro):
    with Stream(api, mika) as stream:
        mika.practise(pomodoro)
        stream.wait_for(has(stream, "achievement_unlocked"))
        time.sleep(0.3)
    before = stream.events()
    mika.practise(pomodoro)
    given_up = mika.start(pomodoro)
    ok(mika.post(f"/challenge-sessions/{given_up['id']}/abandon"), 200)
    with Stream(api, mika, last_id=stream.last_id) as rest:
        assert rest.subscribed()[0]["recovered"] is True
        rest.wait_for(has(rest, "streak_ended"))
        ids = [event["id"] for event in before + rest.events()]
        assert len(set(ids)) == len(ids)
        assert sum(event["data"]["amount"] for event in before + rest.events() if named(event) == "xp_awarded") == mika.progress()["totalXp"]


def test_several_channels_by_one_id(api, mika, pomodoro):
    both = "me,leaderboard:global"
    with Stream(api, mika, both) as stream:
        stream.wait_for(lambda: len(stream.subscribed()) == 2)
        mika.practise(pomodoro)
        stream.wait_for(lambda: stream.events("leaderboard:global") and has(stream, "achievement_unlocked")())
    done = mika.practise(pomodoro)
    with Stream(api, mika, both, stream.last_id) as rest:
        rest.wait_for(lambda: len(rest.subscribed()) == 2)
        assert all(subscribed["recovered"] for subscribed in rest.subscribed())
        mine = lambda: [item for item in stream.events("leaderboard:global") + rest.events("leaderboard:global") if item["userId"] == mika.user_id]
        rest.wait_for(lambda: sum(item["xpAwarded"] for item in mine()) == done["reward"]["totalXp"])


def test_nothing_is_lost_or_doubled_between_two_gateways(api, new_gateway, mika, pomodoro):
    """Cut off again and again, each time to go on at the other gateway."""
    gateways = [api, new_gateway().api]
    constant, _ = listening(api, mika)
    with Stream(api, mika) as begun:
        begun.subscribed()
    last_id, heard, stop = begun.last_id, [], threading.Event()

    def practise():
        while not stop.is_set():
            mika.practise(pomodoro)

    busy = threading.Thread(target=practise)
    with constant:
        busy.start()
        for turn in range(10):
            with Stream(gateways[turn % 2], mika, last_id=last_id) as stream:
                assert stream.subscribed()[0]["recovered"] is True
                time.sleep(0.25)
            stream.wait_for(lambda: stream.ended)
            heard, last_id = heard + stream.events(), stream.last_id
        stop.set()
        busy.join(patience(30))
        with Stream(gateways[1], mika, last_id=last_id) as stream:
            stream.wait_for(lambda: len(heard) + len(stream.events()) >= len(constant.events("me")) or stream.ended)
            time.sleep(0.5)
            heard += stream.events()
        assert by_subject(heard) == by_subject(constant.events("me")) and len(heard) > 20


def test_a_gateway_that_was_killed_is_replaced(api, new_gateway, mika, pomodoro):
    gateway = new_gateway()
    stream = Stream(gateway.api, mika)
    stream.subscribed()
    mika.practise(pomodoro)
    stream.wait_for(has(stream, "achievement_unlocked"))
    gateway.stop(signal.SIGKILL)
    stream.wait_for(lambda: stream.ended)
    mika.practise(pomodoro)
    with Stream(api, mika, last_id=stream.last_id) as back:
        assert back.subscribed()[0]["recovered"] is True
        back.wait_for(lambda: sum(named(event) == "session_completed" for event in stream.events() + back.events()) == 2)
        ids = [event["id"] for event in stream.events() + back.events()]
        assert len(set(ids)) == len(ids)


def test_a_gateway_that_stops_says_so(api, new_gateway, mika):
    gateway = new_gateway()
    stream = Stream(gateway.api, mika)
    stream.subscribed()
    assert gateway.stop() == 0
    assert stream.closed()["type"] == "close" and stream.closed()["code"] == 1012


def test_logout_ends_this_sessions_streams_and_no_others(api, mika):
    phone = mika.another_device()
    mine, hers = Stream(api, mika), Stream(api, phone)
    mine.subscribed()
    hers.subscribed()
    ok(mika.post("/auth/logout"), 204)
    assert mine.closed()["code"] == 4403
    with hers:
        assert not hers.ended
    refused(mika.get("/events/stream"), 401, "session_revoked")


def test_who_may_not_and_what_can_not_be(api, new_learner, mika, pomodoro):
    refused(api.send("GET", "/events/stream"), 401, "unauthenticated")
    for channel in ("mars", "me,me", "ME"):
        refused(mika.get("/events/stream", params={"channel": channel}), 400, "invalid_parameter")
    with Stream(api, new_learner()) as hers:
        hers.subscribed()
    with Stream(api, mika, last_id=hers.last_id) as stream:
        assert stream.subscribed()[0]["recovered"] is False


def test_too_many_streams_of_one(api, mika):
    streams = [Stream(api, mika) for _ in range(8)]
    assert refused(mika.get("/events/stream"), 429, "too_many_requests")["retryable"] is True
    assert total(samples(api.url), "kiroku_live_streams") >= 8
    for stream in streams:
        stream.close()
    until = time.monotonic() + patience(10)
    while mika.api.send("HEAD", "/events/stream", headers=mika.headers("own")).status_code != 200 or total(
            samples(api.url), "kiroku_live_streams") > 0:
        assert time.monotonic() < until
        time.sleep(0.1)
    Stream(api, mika).close()


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_it_is_only_read(api, mika, method):
    refused(api.send(method, "/events/stream", headers=mika.headers("own")), 405, "method_not_allowed")
