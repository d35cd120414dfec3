# tests/e2e/test_analysts.py: people with SQL: what the tables are said to mean, and what the role kiroku_analyst may read.
import json
import subprocess

import pytest

from verbs import SECONDS, run


def asked(env, sql):
    """The same as an analyst."""
    return subprocess.run(["psql", "-XqAt", env["KIROKU_POSTGRES"], "-c", f"SET ROLE kiroku_analyst; {sql}"], capture_output=True, text=True, timeout=SECONDS, check=False)


def test_dictionary_tells_of_every_read_model_and_needs_no_server():
    told = json.loads(run("dictionary", "--json")[0])
    assert {one["readModel"] for one in told} == {"accounts", "challenge_catalogue", "challenge_sessions", "progress", "xp_history", "leaderboard"}
    columns = {f"{table['name']}.{column['name']}": column for one in told for table in one["tables"] for column in table["columns"]}
    assert columns["accounts.credential"]["privacy"] == "secret" and columns["progress.level"]["check"] == "CHECK (level >= 1)"
    assert columns["challenge_sessions.abandoned_at"]["nullable"] and columns["progress.user_id"]["key"]
    text = run("dictionary", "leaderboard", "progress")[0]
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## leaderboard: where do I stand?", "## progress: how far am I?"]
    assert "There are" in run("dictionary", "leader_board", expect=2)[1]


def test_the_database_says_what_the_dictionary_says(env):
    for one in json.loads(run("dictionary", "--json", env=env)[0]):
        for table in one["tables"]:
            name = f"kiroku.{table['name']}"
            said = asked(env, f"SELECT attname, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attnum > 0 ORDER BY attnum")
            meant = [f"{column['name']}|{column['meaning']}" + ("" if column["privacy"] == "open" else f" ({column['privacy']})") for column in table["columns"]]
            assert said.stdout.splitlines() == meant
            assert asked(env, f"SELECT obj_description('{name}'::regclass)").stdout.strip() == table["meaning"]


def test_analysts_read_progress_and_the_leaderboard_and_nobodys_address(env, mika, pomodoro):
    mika.progress(mika.practise(pomodoro)["position"])
    run("migrate", env=env)
    run("rebuild", "progress", "--yes", env=env)
    mine = f"WHERE user_id = '{mika.user_id}'"
    assert asked(env, f"SELECT sessions_completed FROM kiroku.progress {mine}").stdout.strip() == "1"
    assert asked(env, f"SELECT timezone FROM kiroku.accounts {mine}").stdout.strip() == mika.registration["timezone"]
    for sql in ("SELECT email FROM kiroku.accounts", "SELECT credential FROM kiroku.accounts", "DELETE FROM kiroku.progress", "SELECT * FROM kiroku.leaderboard_names"):
        refused = asked(env, sql)
        assert "permission denied" in refused.stderr and not refused.stdout


def test_migrate_says_so_if_there_is_no_role_and_it_may_make_none(env, is_ours):
    if not is_ours:
        pytest.skip("somebody else's database has a role of that name, too")
    assert run("migrate", env=env)[0] == "all was there\n"
    superuser = env["KIROKU_POSTGRES"].replace("//kiroku@", "//postgres@")
    rename = "ALTER ROLE {} RENAME TO {}"
    subprocess.run(["psql", "-XqAt", superuser, "-c", rename.format("kiroku_analyst", "hidden")], timeout=SECONDS, check=True)
    try:
        assert run("migrate", env=env)[0].splitlines() == ["all was there", "no role kiroku_analyst: we may not create roles here; once a superuser did (CREATE ROLE kiroku_analyst NOLOGIN), migrate again"]
    finally:
        subprocess.run(["psql", "-XqAt", superuser, "-c", rename.format("hidden", "kiroku_analyst")], timeout=SECONDS, check=True)
