# tests/e2e/test_trace.py: kiroku trace: the whole way of one request, from the log alone.
import json
import time
import uuid

import pytest

from api import TIME, ok, patience, refused
from verbs import run

COMPLETE = {"performanceScore": 80, "completionTime": 1500}


def post(learner, path, body, request, key="own", **headers):
    """With a request id, and what else the test wants in the header."""
    key = str(uuid.uuid4()) if key == "own" else key
    sent = learner.headers("own") | {"X-Request-Id": request, "Idempotency-Key": key} | headers
    return learner.api.send("POST", path, json=body, headers=sent)


def complete(learner, session, request=None, **more):
    return post(learner, f"/challenge-sessions/{session['id']}/complete", COMPLETE, request or f"test-{uuid.uuid4()}", **more)


def told(env, *arguments):
    return json.loads(run("trace", *arguments, "--json", env=env)[0])


def told_when(env, request, suits):
    """Once the reactor and the projectors have seen to it."""
    until = time.monotonic() + patience(30)
    while not suits(trace := told(env, request)):
        assert time.monotonic() < until, trace
        time.sleep(0.2)
    return trace


def all_passed(trace):
    return len(trace["readModels"]) == 4 and all(one["passed"] for one in trace["readModels"])


def types(command):
    return [event["event"]["type"] for event in command["events"]]


def test_trace_tells_command_events_what_policies_asked_for_and_read_models(env, mika, pomodoro):
    request = f"test-{uuid.uuid4()}"
    answer = complete(mika, mika.start(pomodoro), request)
    assert ok(answer, 200) and answer.headers["X-Request-Id"] == request
    trace = told_when(env, request, all_passed)
    assert trace["requests"] == [request]
    (command,) = trace["commands"]
    assert command["type"] == "challenges.complete_session.v1" and command["actor"] == f"user/{mika.user_id}"
    assert command["topic"] == "challenges.commands" and command["fate"] == "decided" and command["afterMilliseconds"] == 0
    assert types(command) == ["challenges.session_completed.v1"]
    completed = command["events"][0]
    assert completed["event"]["commandoffset"] == str(command["offset"]) and completed["topic"] == "challenges.events"
    (reaction,) = completed["commands"]
    assert reaction["actor"].startswith("policy/") and reaction["causationid"] == completed["event"]["id"]
    assert "gamification.xp_awarded.v1" in types(reaction) and reaction["subject"] == f"learner/{mika.user_id}"
    written = [command["writtenAt"], completed["writtenAt"], reaction["writtenAt"], *(event["writtenAt"] for event in reaction["events"])]
    assert all(TIME.fullmatch(moment) for moment in written) and written == sorted(written)
    assert {one["readModel"] for one in trace["readModels"]} == {"challenge_sessions", "progress", "xp_history", "leaderboard"}


@pytest.fixture
def finished(env, mika, pomodoro):
    """(request, trace) of a completion with all that it led to."""
    request = f"test-{uuid.uuid4()}"
    ok(complete(mika, mika.start(pomodoro), request), 200)
    return request, told_when(env, request, all_passed)


def test_trace_is_found_by_command_event_and_trace_too(env, finished):
    request, trace = finished
    command = trace["commands"][0]
    reaction = command["events"][0]["commands"][0]
    ids = [command["id"], reaction["id"], command["events"][0]["event"]["id"], reaction["events"][-1]["event"]["id"], *trace["traces"]]
    for one in ids:
        assert told(env, one) == trace, one


def test_trace_for_people(env, finished):
    request, trace = finished
    lines = run("trace", request, env=env)[0].splitlines()
    assert lines[0].startswith(f"request {request}: {trace['milliseconds']} ms from its first record")
    steps = [line for line in lines if " ms |" in line]
    reaction = trace["commands"][0]["events"][0]["commands"][0]
    assert len(steps) == 3 + len(reaction["events"])
    assert steps[0].split("| ")[1].startswith("command challenges.complete_session.v1 challenge_session/")
    assert "|   event challenges.session_completed.v1 " in steps[1] and "|     command gamification." in steps[2]
    assert all(line.index("|") == steps[0].index("|") and "=" in line.split("|")[1] for line in steps)
    assert any(line.startswith("read model leaderboard: yes") for line in lines)
    without = run("trace", request, env={name: value for name, value in env.items() if name != "KIROKU_POSTGRES"})[0]
    assert "read models: not asked" in without


def test_trace_tells_a_refusal_and_a_repetition(env, mika, pomodoro):
    session, key = mika.start(pomodoro), str(uuid.uuid4())
    first, again, refusal = (f"test-{uuid.uuid4()}" for _ in range(3))
    ok(complete(mika, session, first, key=key), 200)
    ok(complete(mika, session, again, key=key), 200)
    repeated = next(one for one in told(env, again)["commands"] if one["topic"] == "challenges.commands")
    assert repeated["fate"] == "repeated" and repeated["decidedBeforeAs"] == first and not repeated["events"]
    refused(complete(mika, session, refusal), 409, "session_already_completed")
    (command,) = told(env, refusal)["commands"]
    assert command["fate"] == "refused" and command["refusal"] == "session_already_completed" and not command["events"]
    assert "refused, session_already_completed" in run("trace", refusal, env=env)[0]


def test_trace_of_nothing_says_how_to_look_further(env, mika):
    _, said = run("trace", f"test-{uuid.uuid4()}", env=env, expect=1)
    assert "Nothing that was written since" in said and "--since 30d" in said
    assert "--since then" in run("trace", "x", "--since", "then", env=env, expect=2)[1]
    assert "expected a time" in run("trace", "x", "--since", "gamification/1@1", env=env, expect=2)[1]
    run("trace", env=env, expect=2)
