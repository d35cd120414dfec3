# tests/e2e/test_authority.py: deciders ask again who may send a command, and the log keeps what was tried.
import json
import subprocess
import time
import uuid

from api import ok, patience, refused
from conftest import ROOT
from push import Push
from test_metrics import at, samples, total
from verbs import events, run


ACTIVITY = json.loads((ROOT / "schemas/gamification/commands/record_activity.v1.example.json").read_text())


def comes_to(state, seconds=30):
    until = time.monotonic() + patience(seconds)
    while not (found := state()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


def put(env, kind, subject, data, **more):
    """A command by hand, past every gateway."""
    key = subject.split("/")[1]
    record = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/kiroku/commands", "type": kind, "subject": subject, "partitionkey": key,
              "datacontenttype": "application/json", "commandid": str(uuid.uuid4()), "commandhash": "by hand", "correlationid": "by hand", **more, "data": data}
    subprocess.run(["kcat", "-P", "-b", env["KIROKU_KAFKA"], "-t", kind.split(".")[0] + ".commands", "-K", "\t", "-X", "partitioner=murmur2_random"],
                   input=f"{key}\t{json.dumps(record)}\n", text=True, timeout=60, check=True)


def forbidden(env):
    return total(samples(at(env, "DECIDE")), "kiroku_decide_forbidden_commands_total")


def audited(env, **wanted):
    found = [event["data"] for event in events(env, "identity", "--type", "access_audited")]
    return [data for data in found if wanted.items() <= data.items()]


def test_a_command_that_somebody_may_not_send_is_refused_and_counted(env, mika):
    before, user = forbidden(env), f"user/{mika.user_id}"
    put(env, "identity.grant_role.v1", user, {"role": "operator"}, actor=user, roles="learner")
    put(env, "gamification.record_activity.v1", f"learner/{mika.user_id}", ACTIVITY, actor=user, roles="learner")
    put(env, "identity.grant_role.v1", user, {"role": "operator"}, actor="anonymous")
    comes_to(lambda: forbidden(env) == before + 3)
    put(env, "identity.grant_role.v1", user, {"role": "analyst"}, actor="operator/e2e")
    comes_to(lambda: events(env, "identity", "--type", "role_granted", "--subject", user))
    assert [event["data"]["role"] for event in events(env, "identity", "--type", "role_granted", "--subject", user)] == ["analyst"]
    assert events(env, "gamification", "--subject", f"learner/{mika.user_id}") == []
    assert forbidden(env) == before + 3


def test_another_ones_session_is_not_there_for_the_decider_either(env, new_learner, mika, pomodoro):
    yuki, session = new_learner(name="Yuki"), mika.start(pomodoro)["id"]
    subject = f"challenge_session/{session}"
    put(env, "challenges.abandon_session.v1", subject, {"userId": mika.user_id}, actor=f"user/{yuki.user_id}", roles="learner")
    put(env, "challenges.abandon_session.v1", subject, {"userId": yuki.user_id}, actor=f"user/{yuki.user_id}", roles="learner")
    assert mika.complete({"id": session})["session"]["status"] == "completed"
    assert [event["type"] for event in events(env, "challenges", "--subject", subject)] == ["challenges.session_started.v1", "challenges.session_completed.v1"]


def test_what_was_tried_is_kept_with_who_and_from_where(env, new_learner, mika, pomodoro):
    yuki, session = new_learner(name="Yuki"), mika.start(pomodoro)["id"]
    who = f"user/{yuki.user_id}"
    refused(yuki.get("/analytics/events"), 403, "forbidden")
    refused(yuki.post(f"/challenge-sessions/{session}/abandon"), 404, "session_not_found")
    denied = comes_to(lambda: audited(env, principal=who, action="GET /analytics/events"))
    assert len(denied) == 1 and denied[0]["outcome"] == "denied" and denied[0]["reason"] == "forbidden" and denied[0]["count"] == 1
    assert denied[0]["address"] in ("127.0.0.1", "::1") and denied[0]["userAgent"].startswith("python-requests/")
    foreign = comes_to(lambda: audited(env, principal=who, reason="session_not_found"))
    assert foreign[0]["target"] == f"/challenge-sessions/{session}/abandon"
    refused(mika.post("/auth/login", {"email": mika.email, "password": "not that one"}, token=None), 401, "invalid_credentials")
    comes_to(lambda: audited(env, principal="anonymous", action="POST /auth/login", outcome="failed"))


def test_what_was_tried_over_a_websocket_is_kept_too(env, api, mika, new_learner, pomodoro):
    """The action of another test's kind would be counted with it, so this one has an agent of its own."""
    agent = f"test/{uuid.uuid4()}"
    forged = mika.access[:-4] + ("AAAA" if mika.access[-4:] != "AAAA" else "BBBB")
    with Push(api, user_agent_header=agent) as push:
        push.say({"type": "authenticate", "token": forged})
        assert push.close_code() == 4401
    yuki = new_learner(name="Yuki")
    with Push(api, user_agent_header=agent) as push:
        push.authenticate(mika).subscribe("me")
        push.authenticate(yuki)
        assert push.close_code() == 4403
    denied = comes_to(lambda: audited(env, principal=f"user/{mika.user_id}", action="GET /ws"))
    assert [(one["outcome"], one["reason"], one["count"], one["userAgent"]) for one in denied] == [("denied", "forbidden", 1, agent)]
    assert denied[0]["address"] in ("127.0.0.1", "::1") and denied[0]["target"] == "/ws"
    failed = comes_to(lambda: audited(env, principal="anonymous", action="GET /ws"))
    assert failed[-1]["outcome"] == "failed" and failed[-1]["reason"] == "invalid_token"
    session = mika.start(pomodoro)["id"]
    with Push(api) as push:
        push.authenticate(yuki).publish("1", {"type": "record_progress", "sessionId": session, "progress": {}})
        assert push.answered("1")["code"] == "session_not_found"
    foreign = comes_to(lambda: audited(env, principal=f"user/{yuki.user_id}", reason="session_not_found"))
    assert foreign[0]["address"] in ("127.0.0.1", "::1")


def test_what_was_given_up_for_a_reason_is_shown_with_it(env, mika, pomodoro):
    given_up = mika.start(pomodoro)["id"]
    told = ok(mika.post(f"/challenge-sessions/{given_up}/abandon", {"reason": "too_hard"}), 200)
    assert told["abandonReason"] == "too_hard"
    assert ok(mika.get(f"/challenge-sessions/{given_up}"), 200)["abandonReason"] == "too_hard"
    silent = mika.start(pomodoro)["id"]
    assert ok(mika.post(f"/challenge-sessions/{silent}/abandon"), 200)["abandonReason"] == "unspecified"
    refused(mika.post(f"/challenge-sessions/{mika.start(pomodoro)['id']}/abandon", {"reason": "dog"}), 422, "invalid_request")
    written = events(env, "challenges", "--type", "session_abandoned", "--where", f"data.userId == '{mika.user_id}'")
    assert [(event["type"], event["data"]["reason"]) for event in written] == [
        ("challenges.session_abandoned.v2", "too_hard"), ("challenges.session_abandoned.v2", "unspecified")]
    assert "v1 becomes v2 when it is read" in run("contract", "events")[0]
