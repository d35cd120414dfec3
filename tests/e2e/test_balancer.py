# tests/e2e/test_balancer.py: two gateways behind a load balancer that sends everybody to each in turn are one.
import concurrent.futures
import signal
import threading
import time
import uuid

import pytest
import requests

from api import Learner, ok, patience
from balancer import Balancer
from push import Push, by_subject, named
from stream import Stream


@pytest.fixture
def gateways(new_gateway):
    return [new_gateway(), new_gateway()]


@pytest.fixture
def balanced(gateways, tmp_path):
    folder = tmp_path / "nginx"
    folder.mkdir()
    balancer = Balancer([gateway.api for gateway in gateways], folder)
    yield balancer.api
    balancer.stop()


@pytest.fixture
def noa(balanced):
    """All that she does goes over the balancer."""
    learner = Learner(balanced, name="Noa")
    learner.register()
    learner.log_in()
    return learner


def gateway_of(push):
    return push.socket.response_headers["X-Gateway"]


def until_done(learner, path, body):
    """POSTs until it is answered, as clients should: with one key, whatever happens to the gateways."""
    key, until = str(uuid.uuid4()), time.monotonic() + patience(30)
    while time.monotonic() < until:
        try:
            answer = requests.post(learner.api.url + path, json=body, headers=learner.headers("own") | {"Idempotency-Key": key}, timeout=10)
            if answer.status_code < 500:
                assert answer.status_code in (200, 201), answer.text
                return answer.json()
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"POST {path} was never answered")


def test_each_in_turn_and_every_write_is_seen_at_once(noa, pomodoro):
    used = {noa.get("/me").headers["X-Gateway"] for _ in range(6)}
    assert len(used) == 2
    for _ in range(4):
        done = noa.practise(pomodoro)
        assert noa.progress(done["position"])["totalXp"] == done["reward"]["totalXp"]


def test_who_comes_back_goes_on_wherever_that_is(balanced, noa, pomodoro):
    constant = Push(balanced).authenticate(noa)
    since = constant.subscribe("me")["position"]
    heard, used, stop = [], set(), threading.Event()

    def practise():
        while not stop.is_set():
            noa.practise(pomodoro)

    with constant, concurrent.futures.ThreadPoolExecutor(1) as pool:
        busy = pool.submit(practise)
        for _ in range(12):
            push = Push(balanced).authenticate(noa)
            used.add(gateway_of(push))
            assert push.subscribe("me", since)["recovered"] is True
            time.sleep(0.2)
            push.cut()
            heard += push.events("me")
            since = push.positions["me"]
        stop.set()
        busy.result(patience(30))
        with Push(balanced).authenticate(noa) as push:
            assert push.subscribe("me", since)["recovered"] is True
            with push.arrived:
                push.arrived.wait_for(lambda: len(heard) + len(push.events("me")) >= len(constant.events("me")), patience(10))
            time.sleep(0.5)
            heard += push.events("me")
        assert by_subject(heard) == by_subject(constant.events("me")) and len(heard) > 20 and len(used) == 2


def test_streams_are_not_held_back_and_go_on_at_the_other(balanced, noa, pomodoro):
    used, heard, last_id = set(), [], None
    for turn in range(4):
        with Stream(balanced, noa, last_id=last_id) as stream:
            used.add(stream.answer.headers["X-Gateway"])
            assert stream.subscribed()[0]["recovered"] is (turn > 0)
            session = noa.start(pomodoro)
            stream.wait_for(lambda: any(event["subject"].endswith(session["id"]) for event in stream.events()))
        heard, last_id = heard + stream.events(), stream.last_id
        ok(noa.post(f"/challenge-sessions/{session['id']}/abandon"), 200)
    ids = [event["id"] for event in heard]
    assert len(used) == 2 and len(set(ids)) == len(ids)
    assert sum(named(event) == "session_started" for event in heard) == 4


def test_a_wish_that_is_told_again_is_the_same_at_the_other(balanced, noa, pomodoro):
    session = noa.start(pomodoro)
    path = f"/challenge-sessions/{session['id']}/progress"
    answers = [noa.post(path, {"currentPhase": "focus"}, "the-key") for _ in range(4)]
    assert len({answer.headers["X-Gateway"] for answer in answers}) == 2
    assert len({ok(answer, 200)["position"] for answer in answers}) == 1
    used = set()
    for _ in range(4):
        with Push(balanced).authenticate(noa) as push:
            used.add(gateway_of(push))
            push.publish("the-key", {"type": "record_progress", "sessionId": session["id"], "progress": {"currentPhase": "focus"}})
            ack = push.answered("the-key")
            assert ack["type"] == "ack" and ack["replayed"] is True and ack["answer"] == answers[0].json()
    assert len(used) == 2


def test_all_see_each_other_over_both(balanced, noa, new_learner, catalogue):
    channel = f"challenge:{catalogue['real_life_task'][0]['id']}"
    learners = [noa, *(new_learner() for _ in range(3))]
    pushes = []
    for learner in learners:
        pushes.append(Push(balanced).authenticate(learner))
        pushes[-1].subscribe(channel)
    everybody = {learner.user_id for learner in learners}
    assert len({gateway_of(push) for push in pushes}) == 2
    for push in pushes:
        push.wait_for_members(channel, everybody)
    pushes[0].publish("a", {"type": "show_typing", "channel": channel})
    for push in pushes[1:]:
        with push.arrived:
            assert push.arrived.wait_for(lambda: push.typing(channel), patience(10))
    pushes.pop().close()
    for push in pushes:
        push.wait_for_members(channel, everybody - {learners[-1].user_id})
        push.close()


def test_one_is_killed_and_nobody_misses_anything(balanced, gateways, noa, new_learner, pomodoro, catalogue):
    channel = f"challenge:{catalogue['real_life_task'][-1]['id']}"
    yuki = new_learner()
    pushes = [Push(balanced).authenticate(learner) for learner in (noa, yuki)]
    if len({gateway_of(push) for push in pushes}) == 1:  # others asked in between
        pushes[1].close()
        pushes[1] = Push(balanced).authenticate(yuki)
    for push in pushes:
        push.subscribe("me")
        push.subscribe(channel)
    for push in pushes:
        push.wait_for_members(channel, {noa.user_id, yuki.user_id})
    doomed = next(gateway for gateway in gateways if gateway.api.url.endswith(gateway_of(pushes[0])))
    doomed.stop(signal.SIGKILL)
    assert pushes[0].close_code()
    session = until_done(noa, f"/challenges/{pomodoro['id']}/sessions", {})
    done = until_done(noa, f"/challenge-sessions/{session['id']}/complete", {"performanceScore": 80, "completionTime": 60})
    back = Push(balanced).authenticate(noa)
    assert gateway_of(back) != gateway_of(pushes[0])
    assert back.subscribe("me", pushes[0].positions["me"])["recovered"] is True
    back.say({"type": "subscribe", "channel": channel})
    back.wait_for_event("me", "achievement_unlocked")
    events = pushes[0].events("me") + back.events("me")
    assert len({event["id"] for event in events}) == len(events)
    assert sum(event["data"]["amount"] for event in events if named(event) == "xp_awarded") == done["reward"]["totalXp"]
    for push in (back, pushes[1]):
        push.wait_for_members(channel, {noa.user_id, yuki.user_id}, 25)
        push.close()
