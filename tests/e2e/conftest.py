# tests/e2e/conftest.py: the system under test: the one that KIROKU_URL names, or one started here by infra/up.
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest
import requests

from api import Api, Learner, patience

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("KIROKU_PROGRAM", str(ROOT / ".build/release/kiroku"))
STARTS_WITHIN = 900  # seconds; the first time everything is installed and built
STOPS_WITHIN = 60


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("KIROKU_") or name == "KIROKU_LOG_FORMAT"}


class System:
    """`kiroku up` on data of its own; with more in its environment, if that is asked for."""

    def __init__(self, folder, more=None):
        self.data = folder / "data"
        self.log = folder / "up.log"
        program = os.environ.get("KIROKU_PROGRAM")
        command = [program, "up"] if program else [str(ROOT / "infra/up")]
        self.process = subprocess.Popen([*command, "--data", str(self.data), "--ports", "auto"], env=environment() | (more or {}),
                                        stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def url(self):
        """Once it is ready."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}\n{self.log.read_text()[-5000:]}"
            if "curl " in self.log.read_text():
                return self.env()["KIROKU_URL"]
            time.sleep(0.1)
        pytest.fail(f"not ready after {STARTS_WITHIN} s\n{self.log.read_text()[-5000:]}")

    def env(self):
        return dict(re.findall(r"export (\w+)='(.*)'", (self.data / "env").read_text()))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(STOPS_WITHIN) == 0, self.log.read_text()[-5000:]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class OtherGateway:
    """One more `kiroku gateway` for the same system."""

    def __init__(self, env, log, program=PROGRAM, options=(), verify=None):
        self.log, self.verify = log, verify
        port = free_port()
        self.process = subprocess.Popen([program, "gateway", "--port", str(port), *options], env=environment() | env,
                                        stdout=log.open("w"), stderr=subprocess.STDOUT)
        self.api = Api(f"{'https' if verify else 'http'}://127.0.0.1:{port}")
        until = time.monotonic() + patience(20)
        while not self.is_ready():
            assert self.process.poll() is None and time.monotonic() < until, log.read_text()[-5000:]
            time.sleep(0.05)

    def is_ready(self):
        try:
            return requests.get(self.api.url + "/readyz", timeout=30, verify=self.verify or True).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(STOPS_WITHIN)


def warm_up(api):
    """The first registration of all may be answered 202, before it is visible, on a busy machine."""
    until = time.monotonic() + patience(30)
    learner = Learner(api)
    while learner.post("/auth/register", learner.registration, token=None).status_code != 201:
        assert time.monotonic() < until
        learner = Learner(api)


def pytest_collection_modifyitems(items):
    """Files that take long go first: several workers (pytest -n) then end at about the same time."""
    long = ("test_clients_live", "test_vanished", "test_kills", "test_up", "test_clients", "test_presence", "test_clients_rooms",
            "test_clients_stream")
    items.sort(key=lambda item: item.path.stem not in long)


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """None if KIROKU_URL names one."""
    if "KIROKU_URL" in os.environ:
        yield None
        return
    system = System(tmp_path_factory.mktemp("kiroku"))
    warm_up(Api(system.url()))
    yield system
    system.stop()


@pytest.fixture(scope="session")
def api(system):
    return Api(system.url() if system else os.environ["KIROKU_URL"])


@pytest.fixture(scope="session")
def is_ours(system):
    """Whether this system has the settings that nobody changed."""
    return system is not None


@pytest.fixture
def env(system):
    """What DATA/env tells every verb."""
    if system is None and "KIROKU_KAFKA" not in os.environ:
        pytest.skip("KIROKU_URL alone doesn't tell the verbs where the servers are: source DATA/env")
    return system.env() if system else {name: value for name, value in os.environ.items() if name.startswith("KIROKU_")}


@pytest.fixture
def new_gateway(env, tmp_path):
    """Starts another gateway beside the first, of this build or another, with options of its own; `verify`: the file of
    certificates that it is known by."""
    started = []

    def start(program=PROGRAM, *options, verify=None):
        started.append(OtherGateway(env, tmp_path / f"gateway-{len(started)}.log", program, options, verify))
        return started[-1]

    yield start
    for gateway in started:
        if gateway.process.poll() is None:
            gateway.stop()


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




@pytest.fixture
def trained(mika, pomodoro):
    """A learner with one session completed, and what was answered to that."""
    return mika, mika.practise(pomodoro)
