# tests/e2e/test_kills.py: each process is killed while learners live through a month; nothing is lost, nothing doubled.
"""Kills (SIGKILL) decider, projector, reactor and gateway in turn during the demo's load, the decider's store with it once.

Then the demo's own books agree with what the API tells, the read models equal a fresh fold of the log, and every
answered request is in the log exactly once.
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import pytest

from conftest import PROGRAM, ROOT

VERBS = ("decide", "project", "react", "gateway")
BETWEEN_KILLS = 3.0
LEARNERS, DAYS, SECONDS = 20, 30, 40


class System:
    """`kiroku up` with data of its own, from outside."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.log = (folder / "up.log").open("w")
        environment = {k: v for k, v in os.environ.items() if k not in ("KIROKU_KAFKA", "KIROKU_POSTGRES", "KIROKU_URL")}
        environment["KIROKU_OCCURRED_WITHIN_HOURS"] = str((DAYS + 2) * 24)
        self.process = subprocess.Popen([PROGRAM, "up", "--data", self.data, "--ports", "auto"], env=environment,
                                        stdout=self.log, stderr=subprocess.STDOUT)

    def wait_until_ready(self, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, f"kiroku up ended with {self.process.returncode}: see {self.log.name}"
            if (self.data / "env").exists() and "curl" in pathlib.Path(self.log.name).read_text():
                return
            time.sleep(0.2)
        pytest.fail(f"kiroku up was not ready after {seconds} s: see {self.log.name}")

    @property
    def environment(self):
        script = f"set -a; . '{self.data}/env'; env -0"
        text = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout
        return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)

    def pid_of(self, verb):
        """The child that runs this verb, or None while it is being started again."""
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_text().rsplit(")", 1)[1].split()[1])
                words = (status.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.process.pid and len(words) > 1 and words[1].decode() == verb:
                return int(status.parent.name)
        return None

    def kill(self, verb):
        pid = self.pid_of(verb)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return pid

    def run(self, *words):
        return subprocess.run([PROGRAM, *words], env=self.environment, capture_output=True, text=True, timeout=120)

    def events(self, context):
        answer = self.run("events", context)
        assert answer.returncode == 0, answer.stderr
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            self.log.close()


def kill_in_turn(system, over, killed):
    """Until `over`: one process after the other; the decider's store goes with it once."""
    turn = 0
    while not over.wait(BETWEEN_KILLS):
        verb = VERBS[turn % len(VERBS)]
        if system.kill(verb):
            killed[verb] += 1
            if verb == "decide" and killed[verb] == 1:
                shutil.rmtree(system.data / "state" / "decide", ignore_errors=True)
                killed["store"] += 1
        turn += 1


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The demo's outcome and journal, and the log afterwards."""
    folder = tmp_path_factory.mktemp("kills")
    system = System(folder)
    journal = folder / "journal.ndjson"
    try:
        system.wait_until_ready()
        over, killed = threading.Event(), collections.Counter()
        killer = threading.Thread(target=kill_in_turn, args=(system, over, killed), daemon=True)
        killer.start()
        demo = subprocess.run([ROOT / "infra/demo", "--learners", str(LEARNERS), "--days", str(DAYS), "--seconds", str(SECONDS),
                               "--json", "--journal", journal], env=system.environment, capture_output=True, text=True, timeout=400)
        over.set()
        killer.join()
        time.sleep(2)
        yield {
            "demo": demo,
            "killed": killed,
            "verify": system.run("verify", "--json"),
            "answered": [json.loads(line) for line in journal.read_text().splitlines()],
            **{context: system.events(context) for context in ("identity", "challenges", "gamification")},
        }
    finally:
        system.stop()


def times(events, kind):
    """How often each aggregate had an event of this kind."""
    return collections.Counter(event["subject"].split("/")[1] for event in events if event["type"].split(".")[1] == kind)


def test_each_was_killed(history):
    assert all(history["killed"][verb] >= 2 for verb in VERBS), history["killed"]
    assert history["killed"]["store"] == 1


def test_the_demos_books_agree(history):
    demo = history["demo"]
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert json.loads(demo.stdout)["differences"] == []


def test_read_models_equal_a_fresh_fold_of_the_log(history):
    assert history["verify"].returncode == 0, history["verify"].stdout + history["verify"].stderr


@pytest.mark.parametrize("ending,kind", [("/sessions", "session_started"), ("/complete", "session_completed"),
                                         ("/abandon", "session_abandoned"), ("/progress", "session_progressed")])
def test_every_answered_request_is_in_the_log_once(history, ending, kind):
    counted = times(history["challenges"], kind)
    answered = [entry["id"] for entry in history["answered"] if entry["path"].endswith(ending)]
    assert answered and len(answered) == len(set(answered))
    assert {session: counted[session] for session in answered} == dict.fromkeys(answered, 1)


def test_every_learner_is_registered_once(history):
    counted = times(history["identity"], "user_registered")
    answered = [entry["id"] for entry in history["answered"] if entry["path"] == "/auth/register"]
    assert len(answered) == LEARNERS
    assert {user: counted[user] for user in answered} == dict.fromkeys(answered, 1)


def test_every_ended_session_counts_once(history):
    ended = {event["id"] for event in history["challenges"]
             if event["type"].split(".")[1] in ("session_completed", "session_abandoned")}
    counted = collections.Counter(event["data"]["sourceEventId"] for event in history["gamification"]
                                  if event["type"].split(".")[1] == "activity_recorded")
    assert counted == dict.fromkeys(ended, 1)


def test_no_command_was_decided_twice(history):
    decided = collections.Counter()
    for context in ("identity", "challenges", "gamification"):
        decided.update(event["commandid"] for event in history[context] if event["part"] == 1)
    assert all(count == 1 for count in decided.values())


def test_versions_have_no_holes(history):
    for context in ("identity", "challenges", "gamification"):
        versions = collections.defaultdict(list)
        for event in history[context]:
            versions[event["subject"]].append(int(event["aggregateversion"]))
        assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
