# tests/e2e/test_what_if.py: kiroku what-if: what everybody would have by other rules, with the real program.
import datetime
import json
import pathlib
import signal
import subprocess
import time
import xml.etree.ElementTree

import pytest

from conftest import PROGRAM, environment
from verbs import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
IN_FORCE = ROOT / "domain/gamification/rules.v1.json"
TABLES = ("leaderboard", "leaderboard_names", "progress", "xp_history")
ALL = ("--read-model", "leaderboard,progress", "--read-model", "xp_history")


def rows(env, sql):
    return subprocess.run(["psql", "-XqAt", env["KIROKU_POSTGRES"], "-c", sql], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def dropped(env):
    """Schemas to drop at the end."""
    schemas = []
    yield schemas
    for schema in schemas:
        rows(env, f"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture
def what_if(env, dropped):
    def ask(rules, *arguments):
        told = json.loads(run("what-if", "--rules", str(rules), "--json", *arguments, env=env)[0])
        dropped.append(told["schema"])
        return told

    return ask


@pytest.fixture
def changed(tmp_path):
    """Kiroku's own rule book, with one change."""
    def make(change):
        book = json.loads(IN_FORCE.read_text())
        for version in book["versions"]:
            change(version)
        file = tmp_path / "rules.json"
        file.write_text(json.dumps(book))
        return file

    return make


def double_base(version):
    version["baseXp"] = {kind: 2 * xp for kind, xp in version["baseXp"].items()}


def only_first_steps(version):
    version["milestones"] = []
    version["achievements"] = version["achievements"][:1]


def test_by_the_rules_in_force_every_row_is_the_same(env, new_learner, pomodoro, what_if, dropped):
    mika, ayo = new_learner(), new_learner("Asia/Tokyo", "Ayo <&>")
    yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=20)
    mika.practise(pomodoro, score=100)
    ayo.practise(pomodoro, occurred_at=yesterday)
    mika.post(f"/challenge-sessions/{mika.start(pomodoro)['id']}/abandon")
    position = ayo.practise(pomodoro)["position"]
    mika.practise(pomodoro)
    told = what_if(IN_FORCE, "--until", position, *ALL)
    was = json.loads(run("as-of", position, *(word for name in ("leaderboard", "progress", "xp_history") for word in ("--read-model", name)), "--json", env=env)[0])
    dropped.append(was["schema"])
    assert told["tables"] == was["tables"] and told["position"] == was["position"]
    for table in TABLES:
        one, other = (f"SELECT * FROM {schema}.{table}" for schema in (was["schema"], told["schema"]))
        assert rows(env, f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one})) d") == "0", table
    assert told["before"] == told["after"] and told["before"]["xp"] > 0
    assert told["risen"] == told["fallen"] == told["moreXp"] == told["lessXp"] == 0
    assert told["risers"] == told["fallers"] == told["leftOut"] == []
    assert int(rows(env, f"SELECT sum(total_xp) FROM {was['schema']}.progress")) == told["before"]["xp"]


def test_twice_the_base_pays_sessions_twice_and_nothing_else(env, mika, pomodoro, what_if, changed):
    completed = mika.practise(pomodoro, score=100)
    told = what_if(changed(double_base), "--until", completed["position"], *ALL)

    def paid(schema):
        lines = rows(env, f"SELECT rule, amount FROM {schema}.xp_history WHERE user_id = '{mika.user_id}' ORDER BY rule").splitlines()
        return {rule: int(amount) for rule, amount in (line.split("|") for line in lines)}

    was = {award["rule"]: award["amount"] for award in mika.history(completed["position"])}
    would_be = paid(told["schema"])
    assert would_be == was | {"session_completed": 2 * was["session_completed"]}
    assert told["after"]["awards"] >= told["before"]["awards"]  # whoever trained for long may reach a level's achievement
    assert int(rows(env, f"SELECT sum(total_xp) FROM {told['schema']}.progress")) == told["after"]["xp"]
    assert mika.progress(completed["position"])["totalXp"] == sum(was.values()), "what people see has changed"


def test_since_a_position_what_was_before_stays(env, mika, pomodoro, what_if, changed):
    first = mika.practise(pomodoro)["position"]
    second = mika.practise(pomodoro)["position"]
    mine = sorted((award["recordedAt"], award["rule"], award["amount"]) for award in mika.history(second))
    told = what_if(changed(double_base), "--since", first, "--until", second, "--read-model", "xp_history")
    before, after = (rows(env, f"SELECT sum(amount) FROM {told['schema']}.xp_history WHERE user_id = '{mika.user_id}' AND rule = 'session_completed' "
                               f"AND recorded_at {where} (SELECT max(recorded_at) FROM kiroku.xp_history WHERE user_id = '{mika.user_id}')") for where in ("<", "="))
    paid = [amount for _, rule, amount in mine if rule == "session_completed"]
    assert (int(before), int(after)) == (paid[0], 2 * paid[1])


def test_people_get_tables_and_a_chart(env, new_learner, pomodoro, dropped, changed, tmp_path):
    learners = [new_learner(name=name) for name in ("Ayo <b>", "Mika & Co", "Three\"")]
    for times, learner in enumerate(learners, 1):
        for _ in range(times):
            learner.practise(pomodoro, score=60)
    learners[0].practise(pomodoro, score=100)
    chart = tmp_path / "what_if.svg"
    dropped.append("what_if_for_people")
    text, said = run("what-if", "--rules", str(changed(only_first_steps)), "--schema", "what_if_for_people", "--chart", str(chart), env=env)
    assert "as it would be" in text and "  first_steps" in text and "level   learners" in text and "█" in text
    assert "DROP SCHEMA what_if_for_people CASCADE" in text and "what_if_for_people.progress: " in text
    assert "what-if: loading" in said and not chart.with_name(chart.name + ".unfinished").exists()
    drawn = xml.etree.ElementTree.parse(chart).getroot()
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Levels", "learners", "level", "Who moves most", "as it was", "as it would be"} <= set(words)
    assert "already" in run("what-if", "--rules", str(IN_FORCE), "--schema", "what_if_for_people", env=env, expect=3)[1]


def test_before_anything_happened_there_is_nothing_to_compare(what_if):
    told = what_if(IN_FORCE, "--until", "2020-01-01", "--read-model", "progress,progress")
    assert told["tables"] == [{"table": "progress", "rows": 0}] and told["learners"] == 0
    assert told["before"] == told["after"] == {"xp": 0, "awards": 0, "milestones": 0, "achievements": {}, "levels": []}


def test_stopped_it_leaves_nothing(env, mika, pomodoro, tmp_path):
    mika.practise(pomodoro)
    chart = tmp_path / "never.svg"
    process = subprocess.Popen([PROGRAM, "what-if", "--rules", str(IN_FORCE), "--schema", "never_made", "--chart", str(chart), "--max-rate", "1"],
                               env=environment() | env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not rows(env, "SELECT nspname FROM pg_namespace WHERE nspname = 'never_made'"):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=30)
    assert process.returncode == 1 and not printed, said
    assert not rows(env, "SELECT nspname FROM pg_namespace WHERE nspname = 'never_made'") and not list(tmp_path.iterdir())


def test_what_makes_no_sense_is_refused(env, tmp_path):
    rules = ("--rules", str(IN_FORCE))
    assert "which rules" in run("what-if", env=env, expect=2)[1]
    assert "can't be read" in run("what-if", "--rules", str(tmp_path / "none.json"), env=env, expect=3)[1]
    bad = tmp_path / "bad.json"
    book = json.loads(IN_FORCE.read_text())
    book["versions"][0]["achievements"][0]["goal"]["threshold"] = 0
    bad.write_text(json.dumps(book))
    assert "/achievements/0/goal/threshold must be" in run("what-if", "--rules", str(bad), env=env, expect=3)[1]
    bad.write_text("{}")
    assert "/versions" in run("what-if", "--rules", str(bad), env=env, expect=3)[1]
    assert "what learners get" in run("what-if", *rules, "--read-model", "accounts", env=env, expect=2)[1]
    assert "There are" in run("what-if", *rules, "--read-model", "leader_board", env=env, expect=2)[1]
    assert "no name" in run("what-if", *rules, "--schema", "Then", env=env, expect=2)[1]
    assert "--since yesterday" in run("what-if", *rules, "--since", "yesterday", env=env, expect=2)[1]
    assert "--until yesterday" in run("what-if", *rules, "--until", "yesterday", env=env, expect=2)[1]
    assert "The position names" in run("what-if", *rules, "--since", "gamification/99@1", env=env, expect=2)[1]
    nowhere = str(tmp_path / "nowhere" / "chart.svg")
    assert nowhere in run("what-if", *rules, "--chart", nowhere, env=env, expect=3)[1]
    assert not rows(env, "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%what_if%'")
