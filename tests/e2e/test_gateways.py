# tests/e2e/test_gateways.py: two gateways are one: who comes back to another one misses nothing, and who is logged out
# at one is logged out at all.
import concurrent.futures
import signal
import threading
import time

from api import Learner, ok, refused
from push import Push, by_subject


def at(learner, api):
    """The same learner, by another gateway."""
    other = Learner(api, learner.timezone, learner.name)
    other.email, other.password, other.user_id = learner.email, learner.password, learner.user_id
    other.access, other.refresh_token = learner.access, learner.refresh_token
    return other


def eventually(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_resume_at_another_gateway(api, new_gateway, mika, pomodoro):
    """Back and forth between two gateways while things happen, each time from the last position."""
    gateways = [api, new_gateway().api]
    constant = Push(api).authenticate(mika)
    since = constant.subscribe("me")["position"]
    heard, stop = [], threading.Event()

    def practise():
        while not stop.is_set():
            mika.practise(pomodoro)

    with constant, concurrent.futures.ThreadPoolExecutor(1) as pool:
        busy = pool.submit(practise)
        for turn in range(12):
            push = Push(gateways[turn % 2]).authenticate(mika)
            assert push.subscribe("me", since)["recovered"] is True
            time.sleep(0.2)
            push.cut()
            heard += push.events("me")
            since = push.positions["me"]
        stop.set()
        busy.result(30)
        with Push(gateways[1]).authenticate(mika) as push:
            assert push.subscribe("me", since)["recovered"] is True
            eventually(lambda: len(heard) + len(push.events("me")) == len(constant.events("me")))
            time.sleep(0.5)
            heard += push.events("me")
        assert by_subject(heard) == by_subject(constant.events("me")) and len(heard) > 20


def test_a_gateway_that_was_killed_is_replaced(new_gateway, mika, pomodoro):
    first = new_gateway()
    push = Push(first.api).authenticate(mika)
    push.subscribe("me")
    mika.practise(pomodoro)
    push.wait_for_event("me", "achievement_unlocked")
    first.stop(signal.SIGKILL)
    push.close_code()
    before, since = push.events("me"), push.positions["me"]
    mika.practise(pomodoro)
    given_up = mika.start(pomodoro)
    ok(mika.post(f"/challenge-sessions/{given_up['id']}/abandon"), 200)
    with Push(new_gateway().api).authenticate(mika) as push:
        assert push.subscribe("me", since)["recovered"] is True
        push.wait_for_event("me", "streak_ended")
        heard = before + push.events("me")
        ids = [event["id"] for event in heard]
        assert len(set(ids)) == len(ids)
        awards = [event["data"] for event in heard if event["type"] == "gamification.xp_awarded.v1"]
        assert sum(award["amount"] for award in awards) == mika.progress()["totalXp"]
        assert sum(event["type"] == "challenges.session_completed.v1" for event in heard) == 2


def test_a_gateway_that_stops_says_so(api, new_gateway, mika):
    gateway = new_gateway()
    push = Push(gateway.api).authenticate(mika)
    push.subscribe("me")
    assert gateway.stop() == 0
    assert push.close_code() == 1012


def test_logged_out_at_one_is_logged_out_at_all(api, new_gateway, mika):
    other = at(mika, new_gateway().api)
    push = Push(other.api).authenticate(other)
    push.subscribe("me")
    ok(other.get("/me"), 200)
    ok(mika.post("/auth/logout"), 204)
    eventually(lambda: other.get("/me").status_code == 401, 2)
    refused(other.get("/me"), 401, "session_revoked")
    assert push.close_code() == 4403
    late = at(mika, new_gateway().api)
    refused(late.get("/me"), 401, "session_revoked")


def test_a_retry_at_another_gateway_is_the_same_request(api, new_gateway, mika, pomodoro):
    other = at(mika, new_gateway().api)
    session = mika.start(pomodoro)
    path, body = f"/challenge-sessions/{session['id']}/complete", {"performanceScore": 77, "completionTime": 60}
    first = mika.post(path, body, "the-key")
    again = other.post(path, body, "the-key")
    assert ok(again, 200) == ok(first, 200) and again.headers["Idempotent-Replayed"] == "true"
    assert other.progress(first.json()["position"])["totalXp"] == first.json()["reward"]["totalXp"]


def test_each_gateway_answers_what_any_has_written(new_gateway, mika, pomodoro):
    learners = [mika, at(mika, new_gateway().api)]
    for turn in range(10):
        writer, reader = learners[turn % 2], learners[(turn + 1) % 2]
        done = writer.practise(pomodoro)
        assert reader.progress(done["position"])["totalXp"] == done["reward"]["totalXp"]
