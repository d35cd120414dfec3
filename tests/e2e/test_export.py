# tests/e2e/test_export.py: kiroku export: learning events as xAPI statements, in a stream or in a file.
import json

import pytest

from verbs import NOBODY_LISTENS, events, run

HOME = "https://academy.example"
LEARNING = ("session_started", "session_completed", "session_abandoned", "achievement_unlocked", "level_reached")


def learning_events(env, *arguments):
    return events(env, *arguments, *(word for name in LEARNING for word in ("--type", f"challenges.{name}" if name.startswith("session") else f"gamification.{name}")))


def statements(env, *arguments):
    return [json.loads(line) for line in run("export", "xapi", "--home-page", HOME, *arguments, env=env)[0].split("\n") if line]


def test_each_learning_event_is_a_statement_in_order_of_time(env, trained):
    mika, completed = trained
    until = ("--until", completed["position"])
    said = statements(env, *until)
    assert [one["id"] for one in said] == [event["id"] for event in learning_events(env, *until)]
    mine = [one for one in said if one["actor"]["account"] == {"homePage": HOME, "name": mika.user_id}]
    session = completed["session"]
    end = next(one for one in mine if one["verb"]["id"] == "http://adlnet.gov/expapi/verbs/completed")
    assert end["object"]["id"] == f"{HOME}/challenges/{session['challengeId']}"
    assert end["result"]["score"]["raw"] == session["performanceScore"] and end["result"]["duration"] == f"PT{session['completionTime']}S"
    assert end["context"]["registration"] == session["id"] and f"{HOME}/xapi/position" in end["context"]["extensions"]
    assert {one["verb"]["display"]["en"] for one in mine} >= {"initialized", "completed", "earned"}
    assert mika.email not in json.dumps(said) and "stored" not in end


def test_only_what_is_asked_for(env, trained):
    mika, completed = trained
    learner = f"learner/{mika.user_id}"
    earned = statements(env, "--subject", learner)
    assert earned and {one["verb"]["display"]["en"] for one in earned} == {"earned"}
    until = ("--until", completed["position"])
    of_mika = statements(env, *until, "--where", f'data.userId == "{mika.user_id}"')
    assert {one["context"]["registration"] for one in of_mika} == {completed["session"]["id"]} and len(of_mika) == 2
    assert statements(env, "--organization", "nobody's") == [] == statements(env, "--until", "2020-01-01")


def test_a_file_is_there_once_it_is_whole(env, trained, tmp_path):
    until = ("--until", trained[1]["position"])
    file = tmp_path / "statements.json"
    printed, _ = run("export", "xapi", "--home-page", HOME, *until, "--format", "array", "--out", str(file), env=env)
    assert not printed and json.loads(file.read_text()) == statements(env, *until)
    assert [one.name for one in tmp_path.iterdir()] == ["statements.json"]
    assert json.loads(run("export", "xapi", "--until", "2020-01-01", "--format", "array", env=env)[0]) == []


@pytest.mark.parametrize("arguments, code, says", [
    ((), 2, "Export what"), (("scorm",), 2, "scorm"), (("xapi", "--home-page", "academy"), 2, "--home-page academy"), (("xapi", "--format", "xml"), 2, "xml"),
    (("xapi", "--where", "data.amount >"), 2, "column 14"), (("xapi", "--out", "/nowhere/at/all"), 3, "/nowhere/at/all")])
def test_export_refuses_what_makes_no_sense_before_it_asks_any_server(arguments, code, says):
    printed, said = run("export", *arguments, env={"KIROKU_KAFKA": NOBODY_LISTENS}, expect=code)
    assert says in said and not printed
