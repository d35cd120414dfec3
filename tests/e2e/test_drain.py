# tests/e2e/test_drain.py: whoever is told to stop under load finishes, hands over and leaves; who comes late decides nothing.
import collections
import json
import os
import signal
import subprocess
import threading
import time
import uuid

import pytest

from api import ok, patience
from conftest import PROGRAM, environment

ENDS_WITHIN = 20
SECONDS = 60


@pytest.fixture
def own(system):
    if system is None:
        pytest.skip("stops processes of a system of its own")
    return system


def pid_of(system, verb):
    return int((system.data / "run" / f"{verb}.pid").read_text().split()[0])


def until(condition, what, seconds=SECONDS):
    end = time.monotonic() + patience(seconds)
    while not condition():
        assert time.monotonic() < end, f"{what}: not after {seconds} s"
        time.sleep(0.02)


def is_gone(pid):
    try:
        return open(f"/proc/{pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Load:
    """Learners who start and complete sessions one after the other; what is not answered is asked again with its key."""

    def __init__(self, learners, challenge):
        self.over = threading.Event()
        self.answers = collections.Counter()
        self.completed = []
        self.trouble = []
        self.threads = [threading.Thread(target=self.practise, args=(learner, challenge)) for learner in learners]
        for thread in self.threads:
            thread.start()

    def ask(self, learner, path, body=None):
        key = str(uuid.uuid4())
        while True:
            answer = learner.post(path, body, key)
            self.answers[answer.status_code] += 1
            if answer.status_code not in (503, 504):
                return answer
            time.sleep(0.2)

    def practise(self, learner, challenge):
        try:
            while not self.over.is_set():
                session = ok(self.ask(learner, f"/challenges/{challenge['id']}/sessions"), 201)
                done = self.ask(learner, f"/challenge-sessions/{session['id']}/complete", {"performanceScore": 80, "completionTime": 60})
                assert done.status_code in (200, 202), done.text
                self.completed.append(session["id"])
        except Exception as trouble:  # raised again by `finish`
            self.trouble.append(trouble)

    def finish(self):
        self.over.set()
        for thread in self.threads:
            thread.join(SECONDS)
        if self.trouble:
            raise self.trouble[0]
        assert len(self.completed) > 10 and set(self.answers) <= {200, 201, 202, 503, 504}, self.answers
        return self.completed


def events(env, *arguments):
    ended = subprocess.run([PROGRAM, "events", *arguments], env=environment() | env, capture_output=True, text=True, timeout=SECONDS, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def check_once(env, completed):
    counted = collections.Counter(event["subject"].partition("/")[2] for event in events(env, "challenges", "--type", "session_completed"))
    assert {session: counted[session] for session in completed} == dict.fromkeys(completed, 1)


@pytest.fixture
def load(new_learner, pomodoro):
    running = Load([new_learner() for _ in range(4)], pomodoro)
    yield running
    running.over.set()


@pytest.mark.parametrize("verb", ["decide", "project", "react"])
def test_told_to_stop_it_ends_well_and_its_successor_goes_on(own, env, load, verb):
    pid = pid_of(own, verb)
    time.sleep(1)
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    until(lambda: is_gone(pid), f"the end of {verb}", ENDS_WITHIN)
    took = time.monotonic() - began
    until(lambda: pid_of(own, verb) != pid, f"another {verb}")
    until(lambda: f"{verb} ended with 0 " in own.log.read_text(), "its exit code")
    before = len(load.completed)
    until(lambda: len(load.completed) > before + 8, "going on")
    check_once(env, load.finish())
    print(f"{verb} ended within {took:.1f} s")


def test_a_decider_that_leaves_hands_its_partitions_over(own, env, load, tmp_path):
    log = tmp_path / "decide.log"
    with subprocess.Popen([PROGRAM, "decide", "--state", tmp_path / "state", "--instance", "another"], env=environment() | env,
                          stdout=log.open("w"), stderr=subprocess.STDOUT) as other:
        until(lambda: log.read_text().count("owned from offset") >= 3, "owning partitions")
        time.sleep(1)
        began = time.monotonic()
        other.send_signal(signal.SIGTERM)
        assert other.wait(ENDS_WITHIN) == 0, log.read_text()[-3000:]
        took = time.monotonic() - began
    before = len(load.completed)
    until(lambda: len(load.completed) > before + 8, "going on")
    check_once(env, load.finish())
    print(f"ended within {took:.1f} s; answers: {dict(load.answers)}")


def test_a_gateway_that_is_told_to_stop_ends_what_is_in_flight(own, new_gateway, new_learner, pomodoro):
    gateway = new_gateway()
    learners = [new_learner() for _ in range(4)]
    answers = []

    def ask(learner):
        learner.api = gateway.api
        while True:
            try:
                answers.append(learner.post(f"/challenges/{pomodoro['id']}/sessions").status_code)
            except OSError:  # it lets nobody in any more, or has closed a kept connection between two requests
                return

    threads = [threading.Thread(target=ask, args=(learner,)) for learner in learners]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert gateway.stop() == 0
    for thread in threads:
        thread.join(SECONDS)
    assert len(answers) > 10 and set(answers) == {201}, collections.Counter(answers)


def test_what_nobody_decided_in_time_is_not_decided_later(own, env, mika, pomodoro):
    path, key = f"/challenges/{pomodoro['id']}/sessions", str(uuid.uuid4())
    time.sleep(6)  # so that the decider's fences are older than what it will find
    pid = pid_of(own, "decide")
    os.kill(pid, signal.SIGSTOP)
    try:
        assert mika.post(path, key=key).status_code == 504
        time.sleep(2)
    finally:
        os.kill(pid, signal.SIGCONT)
    answer = mika.post(path, key=key)
    while answer.status_code in (503, 504):
        time.sleep(0.2)
        answer = mika.post(path, key=key)
    session = ok(answer, 201)
    assert "Idempotent-Replayed" not in answer.headers
    found = events(env, "challenges", "--type", "session_started", "--subject", f"challenge_session/{session['id']}")
    assert len(found) == 1
