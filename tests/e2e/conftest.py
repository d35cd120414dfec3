# tests/e2e/conftest.py: the system under test: the one that KIROKU_URL names, or one started here by infra/up.
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from api import Api, Learner, patience

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTS_WITHIN = 900  # seconds; the first time everything is installed and built
STOPS_WITHIN = 60


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("KIROKU_") or name == "KIROKU_LOG_FORMAT"}


class System:
    """`kiroku up` on data of its own."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.log = folder / "up.log"
        program = os.environ.get("KIROKU_PROGRAM")
        command = [program, "up"] if program else [str(ROOT / "infra/up")]
        self.process = subprocess.Popen([*command, "--data", str(self.data), "--ports", "auto"], env=environment(),
                                        stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def url(self):
        """Once it is ready."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}\n{self.log.read_text()[-5000:]}"
            if "curl " in self.log.read_text():
                return re.search(r"KIROKU_URL='(.*)'", (self.data / "env").read_text()).group(1)
            time.sleep(0.1)
        pytest.fail(f"not ready after {STARTS_WITHIN} s\n{self.log.read_text()[-5000:]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOPS_WITHIN) == 0, self.log.read_text()[-5000:]


@pytest.fixture(scope="session")
def api(tmp_path_factory):
    if "KIROKU_URL" in os.environ:
        yield Api(os.environ["KIROKU_URL"])
        return
    system = System(tmp_path_factory.mktemp("kiroku"))
    yield Api(system.url())
    system.stop()


@pytest.fixture(scope="session")
def is_ours(api):
    """Whether this system has the settings that nobody changed."""
    return "KIROKU_URL" not in os.environ


@pytest.fixture
def new_learner(api):
    """Registers and logs in somebody new."""
    def make(timezone="UTC", name="Mika"):
        learner = Learner(api, timezone, name)
        learner.register()
        learner.log_in()
        return learner

    return make


@pytest.fixture
def mika(new_learner):
    return new_learner()


@pytest.fixture(scope="session")
def catalogue(api):
    """The starter catalogue, by challenge type."""
    reader = Learner(api, name="Reader")
    reader.register()
    reader.log_in()
    until = time.monotonic() + patience(30)
    items = reader.challenges()
    while not items and time.monotonic() < until:
        time.sleep(0.2)
        items = reader.challenges()
    by_type = {}
    for item in items:
        by_type.setdefault(item["type"], []).append(item)
    return by_type


@pytest.fixture(scope="session")
def pomodoro(catalogue):
    return min(catalogue["pomodoro"], key=lambda challenge: challenge["difficulty"])


