# tests/e2e/client_fixtures.py: our client libraries, compiled and at home, and somebody who uses one of them.
import concurrent.futures
import itertools
import os
import shutil
import subprocess
import time
import uuid

import pytest

from api import patience
from client_hosts import BrowserHost, Failed, NodeHost, PythonHost
from conftest import ROOT
from proxy import Proxy
from push import listening

LIBRARY = ROOT / "gateway/clients/typescript"
TOOLS = ROOT / ".build/typescript"
AGENTS = ROOT / "tests/e2e/clients"
PASSWORD = "a long pass phrase 記録"
SECONDS = 600  # for the compiler, on a machine with much else to do


def compile_typescript(folder, *options):
    """(exit code, what the compiler says)."""
    node = os.environ.get("KIROKU_NODE", "node")
    ended = subprocess.run([node, TOOLS / "node_modules/typescript/bin/tsc", "-p", folder, *options], cwd=folder, capture_output=True,
                           text=True, timeout=SECONDS, check=False)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder with the compiled client and what makes it act: for Node, and to be shown to a browser."""
    folder = tmp_path_factory.mktemp("site")
    code, said = compile_typescript(LIBRARY, "--outDir", folder / "client")
    assert code == 0, said
    for file in AGENTS.iterdir():
        shutil.copy(file, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    installed = folder / "node_modules/@kiroku/client"
    installed.mkdir(parents=True)
    shutil.copy(LIBRARY / "package.json", installed)
    (installed / "dist").symlink_to(folder / "client")
    (folder / "node_modules/ws").symlink_to(TOOLS / "node_modules/ws")
    return folder


def make_host(name, request, trusted=None, known=()):
    """python, node or chromium; TypeScript is compiled only for who needs it. `trusted`: a file of certificates that are believed
    besides the usual ones; Chromium takes the fingerprints of their keys, `known`, instead."""
    if name == "python":
        return PythonHost(trusted)
    site = request.getfixturevalue("site")
    if name == "node":
        return NodeHost(site, trusted)
    return BrowserHost(site, request.getfixturevalue("tmp_path_factory").mktemp("profile"), known)


class Client:
    """One client object at a host, by what it does."""

    names = itertools.count()

    def __init__(self, host, url, **settings):
        self.host, self.name = host, f"client-{next(self.names)}"
        host.ask("client", client=self.name, url=url, settings=settings)
        self.email = f"mika-{uuid.uuid4()}@example.org"

    def call(self, method, *path, body=None, query=None, **options):
        """What the client answers; raises Failed."""
        return self.host.ask("call", client=self.name, method=method, path=path, body=body, query=query, options=options)

    def collect(self, method, most=1000, **query):
        return self.host.ask("collect", client=self.name, method=method, query=query, most=most)

    def fails(self, error, method, *path, **how):
        with pytest.raises(Failed) as failed:
            self.call(method, *path, **how)
        assert failed.value.name == error, failed.value
        return failed.value

    @property
    def tokens(self):
        return self.host.ask("tokens", client=self.name)

    @property
    def changed(self):
        return self.host.ask("changed", client=self.name)

    def sign_up(self):
        until = time.monotonic() + patience(30)
        while self.call("register", body={"email": self.email, "password": PASSWORD, "displayName": "Mika", "timezone": "UTC"})["status"] != 201:
            assert time.monotonic() < until
            self.email = "another-" + self.email
        self.log_in()
        return self

    def log_in(self):
        return self.call("logIn", body={"email": self.email, "password": PASSWORD})

    def practise(self, challenge):
        session = self.call("startSession", challenge["id"])["body"]
        return self.call("completeSession", session["id"], body={"performanceScore": 80, "completionTime": 1500})["body"]

    def realtime(self, **settings):
        return Live(self, settings)


class Live:
    """A realtime object of a client, and all that it told."""

    def __init__(self, client, settings):
        self.host, self.name = client.host, f"live-{next(Client.names)}"
        self.host.ask("realtime", client=client.name, live=self.name, settings={"pauseMs": 50, "longestPauseMs": 500} | settings)

    def subscribe(self, channel="me", since=None):
        self.host.ask("subscribe", live=self.name, channel=channel, since=since)
        return self

    def publish(self, message, **options):
        return self.host.ask("publish", live=self.name, message=message, options=options)

    def record_progress(self, session, phase, **options):
        return self.publish({"type": "record_progress", "sessionId": session["id"], "progress": {"currentPhase": phase}}, **options)

    def join(self, challenge):
        self.host.ask("join", live=self.name, challenge=challenge)
        return self

    def members(self, challenge):
        """The ids of who is there."""
        return {member["userId"] for member in self.host.ask("room", live=self.name, challenge=challenge)["members"]}

    def typing(self, challenge):
        return self.host.ask("room", live=self.name, challenge=challenge)["typing"]

    def show_typing(self, challenge):
        return self.host.ask("showTyping", live=self.name, challenge=challenge)

    def leave(self, challenge):
        self.host.ask("leave", live=self.name, challenge=challenge)

    @property
    def heard(self):
        return self.host.ask("heard", live=self.name)

    def events(self, channel="me"):
        return [one["event"] for one in self.heard if one.get("channel") == channel]

    def states(self):
        return [(one["state"], one["code"]) for one in self.heard if "state" in one]

    def position(self, channel="me"):
        return self.host.ask("position", live=self.name, channel=channel)

    def until(self, condition, seconds=20):
        """Until what was told is so; tells it."""
        end = time.monotonic() + patience(seconds)
        while not condition(self):
            assert time.monotonic() < end, self.heard[-20:]
            time.sleep(0.05)

    def until_level(self, other):
        """Until it has heard all that a socket beside it has, each once, in order within each aggregate."""
        self.until(lambda live: len(live.events()) >= len(other.events("me")))
        assert by_subject(self.events()) == by_subject(other.events("me"))

    def stop(self, channel="me"):
        self.host.ask("stop", live=self.name, channel=channel)

    def close(self):
        self.host.ask("close", live=self.name)


def by_subject(events):
    order = {}
    for event in events:
        order.setdefault(event["subject"], []).append(event["id"])
    return order


def at_once(count, act):
    """What so many threads get that all do it."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [one.result() for one in [pool.submit(act) for _ in range(count)]]


def new_proxy(target, host):
    proxy = Proxy(target, host.site)
    host.visit(proxy.url)
    return proxy


@pytest.fixture(scope="module", params=["python", "node", "chromium"])
def host(request):
    made = make_host(request.param, request)
    yield made
    made.end()


@pytest.fixture
def proxy(api, host):
    made = new_proxy(api.url, host)
    yield made
    made.close()


@pytest.fixture
def mika(host, proxy):
    return Client(host, proxy.url).sign_up()


class Person:
    """Who test helpers listen as, with a client's tokens."""

    def __init__(self, client):
        self.access = client.tokens["accessToken"]


@pytest.fixture
def beside(api, mika):
    """A WebSocket at the gateway itself that nothing happens to."""
    push, _ = listening(api, Person(mika))
    with push:
        yield push
