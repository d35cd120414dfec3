# tests/e2e/test_events.py: kiroku events: which events it prints, in which order and form, and what it counts.
import csv
import fcntl
import io
import json
import os
import pty
import select
import signal
import subprocess
import time

import pytest

from api import TIME, UUID
from conftest import PROGRAM, environment
from verbs import SECONDS, events, run, types

AWARD = "gamification.xp_awarded.v1"


def amounts(found):
    return [event["data"]["amount"] for event in found if event["type"] == AWARD]


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


@pytest.mark.parametrize("what", [(), ("--subject", "learner/0195677c-1d80-7a3e-9c51-2f6b8d4e0a17")])
def test_events_end_when_nobody_listens_any_more(env, trained, what):
    with subprocess.Popen([PROGRAM, "events", "--follow", *what], env=environment() | env, stdout=subprocess.PIPE) as left:
        if not what:
            left.stdout.readline()
        left.stdout.close()
        assert left.wait(SECONDS) in (0, -signal.SIGPIPE)


def test_events_that_an_expression_holds_for(env, trained):
    learner = ("--subject", f"learner/{trained[0].user_id}")
    everything = events(env, *learner)
    most = max(amounts(everything))
    found = events(env, *learner, "--where", f'data.amount >= {most} && type == "{AWARD}"')
    assert found == [event for event in everything if event["type"] == AWARD and event["data"]["amount"] >= most]
    assert not events(env, *learner, "--where", f"data.amount > {most}")
    assert events(env, *learner, "--where", f"data.amount == null || type != '{AWARD}'") == [event for event in everything if event["type"] != AWARD]
    assert types(events(env, "--where", "type in ['identity.user_registered.v1', 'challenges.session_started.v1']")) == {
        "identity.user_registered.v1", "challenges.session_started.v1"}


@pytest.mark.parametrize("arguments, says", [
    (("--where", "data.amount >"), "column 14: expected a value, found the end"), (("--where", "amount > 3"), "column 1: `amount` is no attribute"),
    (("--columns", "type,data.", "--format", "csv"), "column 11: expected a name"), (("--since", "yesterday"), "--since yesterday: expected a time"),
    (("--until", "gamification/x@1"), "--until"), (("--since", "cooking/1@1"), "no context cooking"), (("--sample", "1.5"), "--sample 1.5"), (("--sample", "0"), "--sample 0"), (("--sample", "some"), "--sample"),
    (("--format", "xml"), "xml"), (("--count", "--stats"), "--count and --stats don't go together"), (("--follow", "--until", "1h"), "--follow and --until"),
    (("--follow", "--count"), "--follow and --count"), (("--follow", "--sample", "9"), "--follow and --sample N"), (("--limit", "3", "--stats"), "--limit"),
    (("--count", "--format", "csv"), "--format and --count"), (("--json",), "--json is for --stats"), (("--format", "ndjson", "--columns", "type"), "--columns")])
def test_events_refuses_what_makes_no_sense_before_it_asks_any_server(arguments, says):
    printed, said = run("events", *arguments, expect=2)
    assert says in said and not printed


def test_events_are_in_order_of_time_whatever_their_context(env, trained):
    times = [event["time"] for event in events(env)]
    assert times == sorted(times) and len({event["source"] for event in events(env)}) == 3


def test_events_until_and_since_a_position_that_was_answered(env, mika, pomodoro):
    learner = ("gamification", "--subject", f"learner/{mika.user_id}")
    position = mika.practise(pomodoro)["position"]
    before = events(env, *learner, "--until", position)
    mika.practise(pomodoro)
    after = events(env, *learner)
    assert 0 < len(before) < len(after)
    assert events(env, *learner, "--until", position) == before
    assert events(env, *learner, "--since", position) == after[len(before) - 1:]
    assert "gamification/99" in run("events", "--until", "gamification/99@0", env=env, expect=2)[1]


def test_events_since_and_until_times(env, mika, pomodoro):
    learner = ("--subject", f"learner/{mika.user_id}")
    mika.practise(pomodoro)
    mika.practise(pomodoro)
    everything = events(env, *learner)
    middle = everything[len(everything) // 2]["time"]
    assert events(env, *learner, "--since", middle) == [event for event in everything if event["time"] >= middle]
    assert events(env, *learner, "--until", middle) == [event for event in everything if event["time"] < middle]
    assert events(env, *learner, "--since", "1h") == everything and not events(env, *learner, "--until", "1h")


def test_events_by_who_caused_them(env, trained):
    mine = events(env, "--actor", f"user/{trained[0].user_id}")
    assert "challenges.session_started.v1" in types(mine) and AWARD not in types(mine)
    assert types(events(env, "--actor", "policy", "--subject", f"learner/{trained[0].user_id}")) > {AWARD}
    assert not events(env, "--organization", "nobody's")


def test_events_counted_and_told_by_type(env, trained):
    learner = ("--subject", f"learner/{trained[0].user_id}")
    everything = events(env, *learner)
    assert run("events", *learner, "--count", env=env)[0] == f"{len(everything)}\n"
    assert run("events", *learner, "--count", "--type", "xp_awarded", env=env)[0] == f"{len(amounts(everything))}\n"
    told = json.loads(run("events", *learner, "--stats", "--json", env=env)[0])
    assert told["count"] == len(everything) and told["first"] == everything[0]["time"] and told["last"] == everything[-1]["time"]
    assert {one["type"]: one["count"] for one in told["types"]} == {name: [event["type"] for event in everything].count(name) for name in types(everything)}
    text = run("events", *learner, "--stats", env=env)[0].splitlines()
    assert [line.split()[:2] for line in text[1:]] == [[one["type"], str(one["count"])] for one in told["types"]] + [["all", str(len(everything))]]


def test_events_as_csv(env, trained):
    learner = ("--subject", f"learner/{trained[0].user_id}")
    everything = events(env, *learner)
    rows = list(csv.DictReader(io.StringIO(run("events", *learner, "--columns", "time,type,data.amount,data", env=env)[0])))
    assert [(row["time"], row["type"], json.loads(row["data"])) for row in rows] == [(event["time"], event["type"], event["data"]) for event in everything]
    assert [row["data.amount"] for row in rows] == [str(event["data"].get("amount", "")) for event in everything]
    usual = next(csv.DictReader(io.StringIO(run("events", *learner, "--format", "csv", env=env)[0])))
    assert usual["id"] == everything[0]["id"] and usual["position"].startswith("gamification/")


def test_events_on_a_terminal_are_a_table(env, trained):
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, "events", "--limit", "3", "--columns", "type,context"], env=environment() | env, stdout=theirs, stderr=subprocess.DEVNULL) as shown:
        assert shown.wait(SECONDS) == 0
    os.close(theirs)
    lines = os.read(ours, 10_000).decode().splitlines()
    os.close(ours)
    assert lines[0].split() == ["type", "context"] and len(lines) == 4
    for line in lines[1:]:
        name, context = line.split()
        assert name.startswith(context + ".") and line.index(context, len(name)) == lines[0].index("context")


def test_events_sampled_are_the_same_each_time(env, mika, pomodoro):
    for _ in range(3):
        mika.practise(pomodoro)
    everything = events(env, "gamification", "--until", "0s")
    ids = [event["id"] for event in everything]
    for sample in ("0.3", "5"):
        until = ("--until", everything[-1]["time"])
        chosen = events(env, "gamification", *until, "--sample", sample)
        assert chosen == events(env, "gamification", *until, "--sample", sample)
        assert 0 < len(chosen) < len(everything) and (sample != "5" or len(chosen) == 5)
        places = [ids.index(event["id"]) for event in chosen]
        assert places == sorted(places)


def test_events_followed_from_now_on_and_limited(env, mika, pomodoro):
    arguments = [PROGRAM, "events", "--follow", "--since", "0s", "--type", "session_started", "--limit", "1"]
    mika.practise(pomodoro)
    with subprocess.Popen(arguments, env=environment() | env, stdout=subprocess.PIPE, text=True) as following:
        time.sleep(1)  # its `0s` must be after what was before it
        session = mika.start(pomodoro)
        printed, _ = following.communicate(timeout=SECONDS)
        assert following.returncode == 0
    assert [json.loads(line)["subject"] for line in printed.splitlines()] == ["challenge_session/" + session["id"]]
