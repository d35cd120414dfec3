# tests/e2e/test_incomplete.py: where an event can't be read, whoever asks is told that their answer lacks it.
import subprocess
import time
import uuid

import requests

from api import Learner, ok, patience
from test_metrics import at
from verbs import SECONDS


def sql(env, statement):
    subprocess.run(["psql", "-Xq", env["KIROKU_POSTGRES"], "-c", statement], timeout=SECONDS, check=True)


def answers(learner):
    """What somebody sees of themselves, by where."""
    board = ok(learner.get("/leaderboards/global?timeframe=all&limit=100"), 200)
    return {"me": ok(learner.get("/me"), 200), "progress": ok(learner.get("/me/progress"), 200),
            "history": ok(learner.get("/me/xp-history"), 200), "rank": board["me"] or {}}


def test_whose_events_wait_is_told_so_and_nobody_else(env, api, mika, pomodoro):
    other = Learner(api)
    other.register()
    other.log_in()
    other.progress(other.practise(pomodoro)["position"])
    mika.progress(mika.practise(pomodoro)["position"])
    project = at(env, "PROJECT")
    mark = str(uuid.uuid4())
    sql(env, "INSERT INTO kiroku.parked (read_model, context, part, first_offset, last_offset, aggregate, reason) SELECT name, 'gamification', 0, 0, 0, "
             f"'{mika.user_id}', '{mark}' FROM unnest(ARRAY['accounts', 'progress', 'xp_history', 'leaderboard']) AS name")
    try:
        assert {where for where, told in answers(mika).items() if told.get("incomplete")} == {"me", "progress", "history", "rank"}
        assert not any("incomplete" in told for told in answers(other).values())
        until = time.monotonic() + patience(30)
        while "kiroku parked list" not in (ready := requests.get(project + "/readyz", timeout=10)).text:
            assert time.monotonic() < until, ready.text
            time.sleep(0.2)
        assert ready.status_code == 200  # all others are served
    finally:
        sql(env, f"DELETE FROM kiroku.parked WHERE reason = '{mark}'")
    assert not any("incomplete" in told for told in answers(mika).values())
