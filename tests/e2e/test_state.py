# tests/e2e/test_state.py: kiroku state: an aggregate up to a moment: its state, its events, and what led to them.
import json

import pytest

from verbs import events, run


def told(env, *arguments):
    return json.loads(run("state", *arguments, "--json", env=env)[0])


def test_state_tells_each_event_and_what_led_to_it(env, trained):
    mika, completed = trained
    learner = f"learner/{mika.user_id}"
    told_now = told(env, learner)
    assert told_now["events"] == events(env, "gamification", "--subject", learner)
    assert told_now["version"] == len(told_now["events"]) and told_now["context"] == "gamification"
    request = told_now["correlations"][-1]
    command = request["commands"][0]
    assert command["actor"] == f"user/{mika.user_id}"
    session = command["events"][0]
    assert session["event"]["subject"] == "challenge_session/" + completed["session"]["id"]
    answer = next(one for one in session["commands"] if one["events"][0]["event"]["subject"] == learner)
    assert answer["actor"].startswith("policy/")
    assert all(one["event"]["causationid"] == session["event"]["id"] for one in answer["events"])
    text, _ = run("state", learner, env=env)
    assert f"{learner}: version {told_now['version']} of " in text.splitlines()[0]
    assert json.loads(text.splitlines()[1].removeprefix("state ")) == told_now["state"]
    assert text.count("\n  * ") + text.count("\n    * ") == len(told_now["events"])
    assert f"request {request['id']}\n  command {command['id']} by {command['actor']}\n  - {session['event']['time']} challenges.session_completed.v1" in text


def test_state_is_what_the_read_model_shows_then_and_now(env, trained, pomodoro):
    mika, completed = trained
    learner = f"learner/{mika.user_id}"
    then = told(env, learner, "--alone")["state"]
    assert (then["totalXp"], then["level"]) == (completed["reward"]["totalXp"], completed["reward"]["level"])
    later = mika.practise(pomodoro)
    now = told(env, learner, "--alone")["state"]
    progress = mika.progress(later["position"])
    assert (now["totalXp"], now["level"], now["completed"]) == (progress["totalXp"], progress["level"], progress["sessionsCompleted"])
    assert set(now["achievements"]) == {one["id"] for one in progress["achievements"]}
    assert now["completedByType"] == {"pomodoro": 2, "distraction_drill": 0, "real_life_task": 0, "custom": 0}
    assert told(env, learner, "--alone", "--as-of", completed["position"])["state"] == then
    session = told(env, "challenge_session/" + later["session"]["id"], "--alone")["state"]
    assert session["stage"] == "completed" and session["started"]["userId"] == mika.user_id
    for kind in ("user", "sessions"):
        assert told(env, f"{kind}/{mika.user_id}", "--alone")["state"]


def test_state_as_of_a_position_or_a_time(env, mika, pomodoro):
    learner = f"learner/{mika.user_id}"
    position = mika.practise(pomodoro)["position"]
    before = told(env, learner)
    mika.practise(pomodoro)
    after = told(env, learner)
    assert after["version"] > before["version"]
    for moment in (position, after["events"][before["version"]]["time"]):
        assert told(env, learner, "--as-of", moment) == before | {"correlations": told(env, learner, "--as-of", moment)["correlations"]}
    assert "has no events" in run("state", learner, "--as-of", "1d", env=env, expect=1)[1]


def test_state_alone_reads_its_own_events_only(env, trained):
    learner = f"learner/{trained[0].user_id}"
    alone = told(env, learner, "--alone")
    assert alone["events"] == told(env, learner)["events"]
    for correlation in alone["correlations"]:
        assert all(event["event"]["subject"] == learner for command in correlation["commands"] for event in command["events"])


@pytest.mark.parametrize("arguments, says", [
    (("learner",), "is no aggregate"), (("cook/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17",), "`cook`; there are"), ((), "aggregate"),
    (("learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17", "--as-of", "then"), "--as-of then"),
    (("learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17", "--as-of", "cooking/1@1"), "no context cooking")])
def test_state_refuses_what_is_no_aggregate_or_moment(arguments, says):
    assert says in run("state", *arguments, expect=2)[1]


def test_state_of_nobody(env):
    assert "has no events" in run("state", "learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17", env=env, expect=1)[1]
    assert "gamification/99" in run("state", "learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17", "--as-of", "gamification/99@1", env=env, expect=2)[1]
