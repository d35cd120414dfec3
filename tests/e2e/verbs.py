# tests/e2e/verbs.py: types verbs, and reads what they print.
import json
import subprocess

from conftest import PROGRAM, environment

NOBODY_LISTENS = "127.0.0.1:9"
SECONDS = 60


def run(*arguments, env=None, expect=0):
    """(stdout, stderr) of a verb that ends with the code expected."""
    ended = subprocess.run([PROGRAM, *arguments], env=environment() | (env or {}), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode == expect, f"{arguments}: {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return ended.stdout, ended.stderr


def events(env, *arguments):
    return [json.loads(line) for line in run("events", *arguments, env=env)[0].split("\n") if line]


def types(found):
    return {event["type"] for event in found}
