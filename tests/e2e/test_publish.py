# tests/e2e/test_publish.py: what clients publish over a WebSocket is done once, however often and wherever it is told.
import signal
import uuid

import pytest

from api import ok
from push import Push, listening, named
from test_metrics import samples, total


def progress(session, phase, **more):
    return {"type": "record_progress", "sessionId": session["id"], "progress": {"currentPhase": phase} | more}


def progressed(push):
    return [event["data"].get("currentPhase") for event in push.events("me") if named(event) == "session_progressed"]


@pytest.fixture
def session(mika, pomodoro):
    return mika.start(pomodoro)


def test_is_acknowledged_durable_and_pushed(api, mika, session):
    push, _ = listening(api, mika)
    with push:
        push.publish("one", progress(session, "focus"))
        ack = push.answered("one")
        assert ack["type"] == "ack" and ack["position"] == ack["answer"]["position"] and "replayed" not in ack
        push.wait_for_event("me", "session_progressed")
        assert progressed(push) == ["focus"]
        shown = ok(mika.get(f"/challenge-sessions/{session['id']}", ack["position"]), 200)
        assert shown["currentPhase"] == "focus"
    assert total(samples(api.url), "kiroku_published_messages_total") >= 1


def test_the_same_wish_by_any_way_at_any_gateway(api, new_gateway, mika, session):
    """Twice on one socket, on another gateway's, and as POSTs before and after: each happens once."""
    other = new_gateway().api
    path = f"/challenge-sessions/{session['id']}/progress"
    push, _ = listening(api, mika)
    with push, Push(other).authenticate(mika) as there:
        push.publish("a", progress(session, "focus"))
        first = push.answered("a")
        assert first["type"] == "ack"
        with Push(api).authenticate(mika) as again:
            again.publish("a", progress(session, "focus"))
            assert again.answered("a") == first | {"replayed": True}
        there.publish("a", progress(session, "focus"))
        assert there.answered("a") == first | {"replayed": True}
        posted = mika.post(path, {"currentPhase": "focus"}, "a")
        assert ok(posted, 200) == first["answer"] and posted.headers["Idempotent-Replayed"] == "true"

        posted = ok(mika.post(path, {"currentPhase": "rest"}, "b"), 200)
        there.publish("b", progress(session, "rest"))
        assert there.answered("b")["answer"] == posted and there.answered("b")["replayed"] is True

        there.publish("b", progress(session, "another"))
        push.publish("c", progress(session, "end"))
        assert push.answered("c")["type"] == "ack"
        push.wait_for_event("me", "session_progressed")
        with push.arrived:
            push.arrived.wait_for(lambda: "end" in progressed(push), 10)
        assert progressed(push) == ["focus", "rest", "end"]


def test_the_same_id_for_another_wish(api, mika, session):
    with Push(api).authenticate(mika) as push:
        push.publish("a", progress(session, "focus"))
        assert push.answered("a")["type"] == "ack"
    with Push(api).authenticate(mika) as push:
        push.publish("a", progress(session, "rest"))
        error = push.answered("a")
        assert (error["type"], error["code"], error["retryable"]) == ("error", "idempotency_key_reused", False)


def test_a_gateway_is_killed_before_the_answer(new_gateway, api, mika, session):
    """Whether the first gateway still got it through or not: told again elsewhere, it is done, and once."""
    constant, _ = listening(api, mika)
    with constant:
        for turn in range(3):
            gateway, wish, id = new_gateway(), progress(session, f"phase {turn}"), str(uuid.uuid4())
            push = Push(gateway.api).authenticate(mika)
            push.publish(id, wish)
            gateway.stop(signal.SIGKILL)
            push.close_code()
            with Push(api).authenticate(mika) as back:
                back.publish(id, wish)
                assert back.answered(id, 20)["type"] == "ack"
        with constant.arrived:
            constant.arrived.wait_for(lambda: "phase 2" in progressed(constant), 10)
        assert progressed(constant) == [f"phase {turn}" for turn in range(3)]


def test_what_is_refused_says_which_and_why(api, new_learner, mika, session):
    with Push(api).authenticate(new_learner()) as push:
        push.publish("foreign", progress(session, "focus"))
        assert push.answered("foreign")["code"] == "session_not_found"
    mika.complete(session)
    with Push(api).authenticate(mika) as push:
        push.publish("late", progress(session, "focus"))
        assert push.answered("late")["code"] == "session_already_completed"
        push.publish("bad", {"type": "record_progress", "sessionId": session["id"], "progress": {"unknown": 1}})
        assert push.answered("bad")["code"] == "invalid_request"
        push.publish("line\nbreak", progress(session, "focus"))
        assert push.answered("line\nbreak")["code"] == "invalid_idempotency_key"
        for id, message in (("dance", {"type": "dance"}), ("less", {"type": "record_progress"}), ("more", progress(session, "x") | {"more": 1})):
            push.publish(id, message)
            assert push.answered(id)["code"] == "invalid_message"
        assert push.closed is None


def test_so_many_at_a_time(api, mika, session):
    """More than may be under way: some are refused, to be told again; those that are acknowledged are done, each once."""
    push, _ = listening(api, mika)
    with push:
        for number in range(40):
            push.publish(f"id-{number}", progress(session, f"phase {number}"))
        answers = [push.answered(f"id-{number}") for number in range(40)]
        done = [f"phase {number}" for number, answer in enumerate(answers) if answer["type"] == "ack"]
        assert all(answer["type"] == "ack" or (answer["code"] == "too_many_requests" and answer["retryable"]) for answer in answers)
        assert len(done) >= 8
        with push.arrived:
            push.arrived.wait_for(lambda: len(progressed(push)) >= len(done), 10)
        assert sorted(progressed(push)) == sorted(done)


def test_messages_that_are_none_end_the_connection(api, mika):
    for message in ({"type": "publish"}, {"type": "publish", "id": "", "message": {}}, {"type": "publish", "id": "a", "message": []}):
        push = Push(api).authenticate(mika)
        push.say(message)
        assert push.close_code() == 4400
    push = Push(api)
    push.publish("a", {})
    assert push.close_code() == 4401
