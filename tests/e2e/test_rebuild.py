# tests/e2e/test_rebuild.py: operators make read models anew, go back and clean up, while people use the system.
import json
import signal
import subprocess
import threading
import time

import pytest

from api import Learner
from conftest import PROGRAM, environment
from verbs import run

READ_MODELS = {"accounts", "challenge_catalogue", "challenge_sessions", "progress", "xp_history", "leaderboard"}
LONGEST_READ = 5  # seconds that a read of one's own write may take on a busy machine; it is refused after that


def versions(env, read_model):
    return json.loads(run("versions", "list", read_model, "--json", env=env)[0])


def live(env, read_model):
    return next(one["version"] for one in versions(env, read_model) if one["state"] == "live")


class Busy:
    """Somebody who practises and looks at their progress, at the position of what they did, again and again."""

    def __init__(self, api, challenge):
        self.learner = Learner(api)
        self.learner.register()
        self.learner.log_in()
        self.challenge = challenge
        self.rounds, self.longest, self.failure = 0, 0, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.guarded)
        self.thread.start()

    def guarded(self):
        try:
            while not self.over.is_set():
                self.go_on()
        except BaseException as failure:  # shown by whoever stops it
            self.failure = failure

    def go_on(self):
        completed = self.learner.practise(self.challenge)
        began = time.monotonic()
        progress = self.learner.progress(completed["position"])
        self.longest = max(self.longest, time.monotonic() - began)
        self.rounds += 1
        assert progress["sessionsCompleted"] == self.rounds, progress

    def stop(self):
        self.over.set()
        self.thread.join()
        if self.failure:
            raise self.failure


def test_all_read_models_anew_while_people_go_on(env, api, pomodoro):
    busy = [Busy(api, pomodoro) for _ in range(3)]
    before = {name: live(env, name) for name in READ_MODELS}
    for times in (1, 2):
        done = json.loads(run("rebuild", "--all", "--yes", "--json", env=env)[0])
        assert {one["readModel"]: one["version"] for one in done} == {name: before[name] + times for name in READ_MODELS}
        time.sleep(1)
    rounds = [one.rounds for one in busy]
    time.sleep(1)
    for one in busy:
        one.stop()
        assert one.longest < LONGEST_READ
    assert all(one.rounds > then for one, then in zip(busy, rounds)), "nobody got on after the last switch"
    print(f"longest read of one's own write: {max(one.longest for one in busy) * 1000:.0f} ms")
    assert "ROWS DIFFER" not in run("verify", env=env)[0]
    assert all(one["state"] == "live" for one in json.loads(run("status", "--json", env=env)[0]))


def test_switch_goes_back_and_drop_cleans_up(env, mika, pomodoro):
    run("rebuild", "progress", "--yes", env=env)
    newest = live(env, "progress")
    position = mika.practise(pomodoro)["position"]
    assert f"version {newest - 1} is live" in run("versions", "switch", "progress", "--yes", env=env)[0]
    assert mika.progress(position)["sessionsCompleted"] == 1
    run("versions", "switch", "progress", "--version", str(newest), "--now", "--yes", env=env)
    until = time.monotonic() + 20  # it was behind, and readers saw that for a moment
    while mika.progress()["sessionsCompleted"] != 1:
        assert time.monotonic() < until
    assert live(env, "progress") == newest
    run("versions", "drop", "progress", "--yes", env=env)
    assert [one["version"] for one in versions(env, "progress")] == [newest]
    assert "no such version" in run("versions", "switch", "progress", "--yes", env=env, expect=2)[1]
    assert "is live" in run("versions", "drop", "progress", "--version", str(newest), "--yes", env=env, expect=3)[1]


def slow_rebuild(env, *more):
    """Lets a rebuild of the history begin and not end; its process, once its version is there."""
    process = subprocess.Popen([PROGRAM, "rebuild", "xp_history", "--yes", "--max-rate", "1", *more], env=environment() | env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not any(one["state"] == "building" for one in versions(env, "xp_history")):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    return process


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_or_killed_the_same_command_goes_on(env, mika, pomodoro, how):
    mika.practise(pomodoro)
    before = live(env, "xp_history")
    process = slow_rebuild(env)
    building = [one for one in versions(env, "xp_history") if one["state"] == "building"]
    assert "another process" in run("rebuild", "xp_history", "--yes", env=env, expect=3)[1]
    time.sleep(1)
    process.send_signal(how)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == (-how if how == signal.SIGKILL else 1), said
    until = time.monotonic() + 20  # the database notices that it is gone
    while (state := next(one["state"] for one in versions(env, "xp_history") if one["version"] == building[0]["version"])) != "stopped":
        assert time.monotonic() < until, state
        time.sleep(0.1)
    run("rebuild", "xp_history", "--yes", env=env)
    assert live(env, "xp_history") == building[0]["version"] > before
    run("verify", "xp_history", env=env)


def rows(env, sql):
    return subprocess.run(["psql", "-XqAt", env["KIROKU_POSTGRES"], "-c", sql], capture_output=True, text=True, check=True).stdout.strip()


def test_as_of_a_position_is_what_was_there_then(env, mika, pomodoro):
    then = mika.practise(pomodoro)["position"]
    mine = f"SELECT count(*), max(total_xp) FROM {{}}.xp_history WHERE user_id = '{mika.user_id}'"
    mika.history(then)
    count, total = rows(env, mine.format("kiroku")).split("|")
    mika.history(mika.practise(pomodoro)["position"])
    assert rows(env, mine.format("kiroku")) != f"{count}|{total}"
    made = json.loads(run("as-of", then, "--read-model", "xp_history", "--read-model", "progress", "--json", env=env)[0])
    assert rows(env, mine.format(made["schema"])) == f"{count}|{total}"
    assert rows(env, f"SELECT sessions_completed FROM {made['schema']}.progress WHERE user_id = '{mika.user_id}'") == "1"
    assert {table["table"]: table["rows"] > 0 for table in made["tables"]} == {"xp_history": True, "progress": True}
    assert "already" in run("as-of", then, "--read-model", "progress", "--schema", made["schema"], env=env, expect=3)[1]
    text = run("as-of", "2020-01-01", "--read-model", "progress", "--schema", "long_ago", env=env)[0]
    assert "long_ago.progress: 0 rows" in text
    for schema in (made["schema"], "long_ago"):
        rows(env, f"SET client_min_messages = warning; DROP SCHEMA {schema} CASCADE")


def test_a_version_as_of_a_time_is_left_beside_the_live_one(env, mika, pomodoro):
    mika.practise(pomodoro)
    before = live(env, "leaderboard")
    assert "is ready in schema" in run("rebuild", "leaderboard", "--as-of", "0s", "--yes", env=env)[0]
    assert live(env, "leaderboard") == before
    ready = next(one for one in versions(env, "leaderboard") if one["state"] == "ready")
    run("versions", "switch", "leaderboard", "--version", str(ready["version"]), "--yes", env=env)
    assert live(env, "leaderboard") == ready["version"]
    run("verify", "leaderboard", env=env)


def test_nothing_is_parked_in_a_sound_system(env):
    assert run("parked", "list", env=env)[0] == "nothing is parked\n"
    assert json.loads(run("parked", "list", "progress", "--json", env=env)[0]) == []
    assert all(one["parked"] == 0 for one in json.loads(run("status", "--json", env=env)[0]))
    assert "is not parked" in run("parked", "show", "progress", "--key", "learner/01a201a2-82e8-7981-a070-227fe144a0d9", env=env, expect=2)[1]
    assert "no aggregate" in run("parked", "retry", "progress", "--key", "learner/mika", env=env, expect=2)[1]
    assert "`drop` and a read model" in run("parked", "drop", env=env, expect=2)[1]


def test_what_makes_no_sense_is_refused(env):
    assert "As of when" in run("as-of", "--read-model", "progress", env=env, expect=2)[1]
    assert "--as-of yesterday" in run("as-of", "yesterday", "--read-model", "progress", env=env, expect=2)[1]
    assert "Which read model" in run("as-of", "2h", env=env, expect=2)[1]
    assert "no name" in run("as-of", "2h", "--read-model", "progress", "--schema", "Then", env=env, expect=2)[1]
    assert "--all" in run("rebuild", "--yes", env=env, expect=2)[1]
    assert "There are" in run("rebuild", "leader_board", "--yes", env=env, expect=2)[1]
    assert "512MB" in run("rebuild", "progress", "--memory", "much", "--yes", env=env, expect=2)[1]
    assert "switch READ-MODEL" in run("versions", "rename", "progress", env=env, expect=2)[1]
