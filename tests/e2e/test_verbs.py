# tests/e2e/test_verbs.py: the verbs that people type: what they print, what they refuse, and how they end.
import fcntl
import json
import select
import signal
import subprocess
import time

import pytest

from api import TIME, UUID
from conftest import PROGRAM, environment

VERBS = {"up", "gateway", "decide", "project", "react", "migrate", "topics", "catalogue", "events", "status", "verify",
         "rebuild", "versions", "audit"}
READ_MODELS = {"accounts", "challenge_catalogue", "challenge_sessions", "progress", "xp_history", "leaderboard"}
NOBODY_LISTENS = "127.0.0.1:9"
SECONDS = 60


def run(*arguments, env=None, expect=0):
    """(stdout, stderr) of a verb that ends with the code expected."""
    ended = subprocess.run([PROGRAM, *arguments], env=environment() | (env or {}), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode == expect, f"{arguments}: {ended.returncode}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
    return ended.stdout, ended.stderr


def events(env, *arguments):
    return [json.loads(line) for line in run("events", *arguments, env=env)[0].splitlines()]


def types(found):
    return {event["type"] for event in found}


@pytest.fixture
def trained(mika, pomodoro):
    """A learner with one session completed, and what was answered to that."""
    return mika, mika.practise(pomodoro)


def test_events_of_an_aggregate_are_cloudevents_in_order(env, trained):
    mika, completed = trained
    mine = events(env, "gamification", "--subject", f"learner/{mika.user_id}")
    assert {"gamification.xp_awarded.v1", "gamification.streak_extended.v1"} < types(mine)
    assert [event["aggregateversion"] for event in mine] == [str(version) for version in range(1, len(mine) + 1)]
    for event in mine:
        assert event["specversion"] == "1.0" and event["subject"] == f"learner/{mika.user_id}"
        assert UUID.fullmatch(event["id"]) and TIME.fullmatch(event["time"]) and isinstance(event["data"], dict)
    assert sum(event["data"]["amount"] for event in mine if event["type"] == "gamification.xp_awarded.v1") == mika.progress(completed["position"])["totalXp"]


@pytest.mark.parametrize("name", ["xp_awarded", "xp_awarded.v1", "gamification.xp_awarded", "gamification.xp_awarded.v1"])
def test_events_by_type_however_it_is_named(env, trained, name):
    found = events(env, "--type", name, "--subject", f"learner/{trained[0].user_id}")
    assert found and types(found) == {"gamification.xp_awarded.v1"}


def test_events_of_several_types_and_of_a_kind_of_aggregate(env, trained):
    found = events(env, "challenges", "--type", "session_started", "--type", "session_completed", "--subject", "challenge_session")
    assert types(found) == {"challenges.session_started.v1", "challenges.session_completed.v1"}
    assert trained[1]["session"]["id"] in {event["subject"].partition("/")[2] for event in found}
    assert not events(env, "--type", "session_cancelled")


def test_events_followed_are_printed_as_they_happen(env, mika, pomodoro):
    arguments = [PROGRAM, "events", "challenges", "--follow", "--type", "session_completed"]
    with subprocess.Popen(arguments, env=environment() | env, stdout=subprocess.PIPE, text=True) as following:
        try:
            session = mika.practise(pomodoro)["session"]
            until = time.monotonic() + SECONDS
            while json.loads(following.stdout.readline())["subject"] != "challenge_session/" + session["id"]:
                assert time.monotonic() < until
        finally:
            following.send_signal(signal.SIGINT)
        assert following.wait(SECONDS) == 0


def test_ctrl_c_ends_events_though_nobody_reads_them(env, trained):
    with subprocess.Popen([PROGRAM, "events", "--follow"], env=environment() | env, stdout=subprocess.PIPE) as unread:
        fcntl.fcntl(unread.stdout, fcntl.F_SETPIPE_SZ, 4096)
        select.select([unread.stdout], [], [], SECONDS)
        time.sleep(0.5)  # so that it has filled the pipe
        unread.send_signal(signal.SIGINT)
        assert unread.wait(SECONDS) == 0


def test_events_end_when_nobody_listens_any_more(env, trained):
    with subprocess.Popen([PROGRAM, "events", "--follow"], env=environment() | env, stdout=subprocess.PIPE) as left:
        left.stdout.readline()
        left.stdout.close()
        assert left.wait(SECONDS) in (0, -signal.SIGPIPE)


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
