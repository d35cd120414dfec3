# tests/e2e/test_verbs.py: the verbs that people type: what they print, what they refuse, and how they end.
import json
import subprocess
import time

import pytest

from verbs import NOBODY_LISTENS, SECONDS, run

VERBS = {"up", "gateway", "decide", "project", "react", "migrate", "topics", "catalogue", "events", "state", "status", "verify",
         "rebuild", "versions", "parked", "roles", "as-of", "what-if", "export", "dictionary", "audit", "contract", "trace"}
READ_MODELS = {"accounts", "challenge_catalogue", "challenge_sessions", "progress", "xp_history", "leaderboard"}


def test_kcat_shows_one_readable_cloudevent_a_record(env, trained):
    shown = subprocess.run(["kcat", "-C", "-q", "-e", "-b", env["KIROKU_KAFKA"], "-t", "gamification.events"],
                           capture_output=True, text=True, timeout=SECONDS, check=True).stdout.splitlines()
    records = [json.loads(line) for line in shown]
    assert all(record["specversion"] == "1.0" and record["type"] for record in records)
    assert f"learner/{trained[0].user_id}" in {record.get("subject") for record in records}


def test_status_tells_how_far_each_read_model_is(env, trained):
    until = time.monotonic() + SECONDS
    while True:
        found = {one["readModel"]: one for one in json.loads(run("status", "--json", env=env)[0])}
        assert set(found) == READ_MODELS
        if all(one["lagEvents"] == 0 and one["lagSeconds"] == 0 for one in found.values()):
            break
        assert time.monotonic() < until, found
    assert all(one["position"] and one["state"] == "live" and one["halted"] == [] for one in found.values())
    text, _ = run("status", "progress", env=env)
    assert [line.split()[0] for line in text.splitlines()] == ["read", "progress"]


def test_topics_are_synced_as_asked_for_and_stay_sound(env):
    for when in ("always", "lazily"):
        text, _ = run("topics", "--sync", when, env=env)
        synced = [line for line in text.splitlines() if f"is synced {when}" in line]
        assert {line.split()[0] for line in synced} >= {"identity.commands", "identity.events", "audit"}
        assert "replies" not in text and "are sound" in text
    assert "is synced" not in run("topics", env=env)[0]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_help_tells_what_for_with_examples_defaults_and_exit_codes(verb):
    text, _ = run(verb, "--help")
    assert f"kiroku {verb}" in text.split("Exit codes:")[0].split("Examples:")[-1]
    assert "its flag, else from the variable" in text and "  70  " in text
    assert verb in run("--help")[0]


@pytest.mark.parametrize("arguments, env, code, says", [
    ((), {}, 2, "No verb was given"), (("dance",), {}, 2, "dance"), (("events", "cooking"), {}, 2, "cooking"),
    (("status", "--fast"), {}, 2, "--fast"), (("topics", "--sync", "often"), {}, 2, "often"), (("events",), {}, 3, "source .kiroku/env"),
    (("status", "progres", "--kafka", NOBODY_LISTENS, "--postgres", "postgresql://127.0.0.1:9/x"), {}, 2, "progress"),
    (("events",), {"KIROKU_KAFKA": NOBODY_LISTENS}, 4, NOBODY_LISTENS),
    (("status", "--kafka", NOBODY_LISTENS, "--postgres", "postgresql://127.0.0.1:9/x"), {}, 5, "127.0.0.1")])
def test_errors_say_what_to_do_and_end_with_their_code(arguments, env, code, says):
    printed, said = run(*arguments, env=env, expect=code)
    assert says in said and not printed


def test_a_flag_is_stronger_than_the_environment_and_that_than_the_file(tmp_path):
    file = tmp_path / "kiroku.conf"
    file.write_text("kafka = 127.0.0.1:7\n")
    for arguments, env, says in [((), {}, "127.0.0.1:7"), ((), {"KIROKU_KAFKA": "127.0.0.1:8"}, "127.0.0.1:8"),
                                 (("--kafka", NOBODY_LISTENS), {"KIROKU_KAFKA": "127.0.0.1:8"}, NOBODY_LISTENS)]:
        assert says in run("events", "--config", file, *arguments, env=env, expect=4)[1]


def test_audit_proves_the_log_and_finds_again_what_it_signed(env, mika, pomodoro):
    def audited(*arguments):
        return {(one["context"], one["partition"]): one for one in json.loads(run("audit", *arguments, "--json", env=env)[0])}

    mika.practise(pomodoro)
    first = audited("--sign")
    assert {context for context, _ in first} == {"identity", "challenges", "gamification"}
    mika.practise(pomodoro)
    again = audited()
    assert all(one["findings"] == [] and one["found"] == 0 for one in again.values())
    assert any(again[where]["next"] > first[where]["next"] for where in first)
    for where, one in again.items():
        assert one["records"] == one["next"] == one["events"] + one["fences"] + one["voidRecords"]
        if one["next"] == first[where]["next"]:
            assert one["chain"] == first[where]["chain"]
    text = run("audit", "identity", env=env)[0]
    assert text.count("sound") == 4 and "challenges" not in text
