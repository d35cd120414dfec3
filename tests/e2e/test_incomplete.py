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


def answers(learner, completed):
    """What somebody sees of themselves and the session that they completed, by where."""
    def seen(path):
        return ok(learner.get(path, position=completed["position"]), 200)
    return {"me": seen("/me"), "progress": seen("/me/progress"), "history": seen("/me/xp-history"),
            "rank": seen("/leaderboards/global?timeframe=all&limit=100")["me"], "session": seen(f"/challenge-sessions/{completed['session']['id']}")}


def test_whose_events_wait_is_told_so_and_nobody_else(env, api, mika, pomodoro):
    other = Learner(api)
    other.register()
    other.log_in()
    others, mine = (learner.practise(pomodoro) for learner in (other, mika))
    project = at(env, "PROJECT")
    mark, session = str(uuid.uuid4()), mine["session"]["id"]
    sql(env, "INSERT INTO kiroku.parked (read_model, context, part, first_offset, last_offset, aggregate, reason) SELECT name, 'gamification', 0, 0, 0, "
             f"CASE name WHEN 'challenge_sessions' THEN '{session}'::uuid ELSE '{mika.user_id}' END, '{mark}' "
             "FROM unnest(ARRAY['accounts', 'progress', 'xp_history', 'leaderboard', 'challenge_sessions']) AS name")
    try:
        assert {where for where, told in answers(mika, mine).items() if told.get("incomplete")} == {"me", "progress", "history", "rank", "session"}
        assert not any("incomplete" in told for told in answers(other, others).values())
        until = time.monotonic() + patience(30)
        while "kiroku parked list" not in (ready := requests.get(project + "/readyz", timeout=10)).text:
            assert time.monotonic() < until, ready.text
            time.sleep(0.2)
        assert ready.status_code == 200  # all others are served
    finally:
        sql(env, f"DELETE FROM kiroku.parked WHERE reason = '{mark}'")
    assert not any("incomplete" in told for told in answers(mika, mine).values())
