# tests/e2e/test_health.py: alive whatever happens to the servers, ready only while there is work that can be done.
import os
import re
import signal
import time

import pytest
import requests

from api import Api, Learner, patience
from conftest import System, warm_up
from test_metrics import SILENT, samples, total


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A system whose database may be stopped."""
    system = System(tmp_path_factory.mktemp("health"))
    warm_up(Api(system.url()))
    yield system
    system.stop()


def wait_for(condition, what, seconds=60):
    until = time.monotonic() + patience(seconds)
    while not condition():
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.1)


def test_while_the_database_stands_still_everybody_lives_and_only_who_needs_it_is_unready(own):
    env = own.env()
    address = {verb: env[f"KIROKU_{verb}_METRICS"].removesuffix("/metrics") for verb in SILENT} | {"GATEWAY": env["KIROKU_URL"]}
    ask = lambda verb, path: requests.get(address[verb] + path, timeout=patience(10))
    wait_for(lambda: all(ask(verb, "/readyz").status_code == 200 for verb in address), "not ready")
    learner = Learner(Api(env["KIROKU_URL"]))
    learner.register()
    wait_for(lambda: total(samples(address["PROJECT"]), "kiroku_project_events_total") > 0, "no event counted")
    (postmaster,) = own.data.glob("**/postmaster.pid")
    pid = int(postmaster.read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: "how far it is can't be told" in ask("PROJECT", "/readyz").text, lambda: ask("PROJECT", "/readyz").text)
    for verb in address:
        assert ask(verb, "/healthz").status_code == 200, verb
    for verb in ("DECIDE", "REACT"):
        assert ask(verb, "/readyz").status_code == 200, verb
    told = samples(address["PROJECT"])
    assert total(told, "kiroku_project_batches_total") > 0 and total(told, "kiroku_project_write_seconds_total") > 0
    wait_for(lambda: all(ask(verb, "/readyz").status_code == 200 for verb in address), "not ready again")
    models = {re.search('read_model="(.*)"', labels).group(1) for name, labels in samples(address["PROJECT"]) if name == "kiroku_project_retries_total"}
    assert {"accounts", "leaderboard", "progress"} <= models
