# tests/e2e/test_vanished.py: clients whose line is cut, without a word to anybody: how long the gateway keeps them.
import contextlib
import os
import re
import subprocess
import sys
import textwrap
import time

import pytest
import requests

from api import patience
from conftest import PROGRAM

CLIENTS = textwrap.dedent("""
    import socket, sys
    host, port, token = sys.stdin.readline().split()
    head = f"Host: x\\r\\nAuthorization: Bearer {token}\\r\\n\\r\\n"
    def ask(path, size=None):
        client = socket.socket()
        if size: client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        client.connect((host, int(port)))
        client.sendall(f"GET {path} HTTP/1.1\\r\\n{head}".encode())
        return client
    stream = ask("/events/stream")
    assert b"subscribed" in stream.recv(65536) + stream.recv(65536)
    reader = ask("/openapi.json", 4096)  # never reads on: its answer is still being written
    assert reader.recv(1000).startswith(b"HTTP/1.1 200")
    print("there", flush=True)
    sys.stdin.read()
""")


def ip(*words, inside=None):
    prefix = ["nsenter", "-t", str(inside), "-n"] if inside else []
    subprocess.run([*prefix, "ip", *words], check=True, capture_output=True, text=True)


class Elsewhere:
    """A process with a network of its own, one cable away."""

    def __init__(self, script):
        self.name = f"kiroku{os.getpid() % 100_000}"
        net = f"10.231.{os.getpid() % 250}"
        self.here, self.there = f"{net}.1", f"{net}.2"
        self.process = subprocess.Popen(["unshare", "-n", sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid  # unshare becomes what it runs
        until = time.monotonic() + 10
        while os.readlink(f"/proc/{self.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            assert time.monotonic() < until
            time.sleep(0.02)
        ip("link", "add", self.name, "type", "veth", "peer", "name", "line", "netns", str(self.pid))
        ip("addr", "add", f"{self.here}/30", "dev", self.name)
        ip("link", "set", self.name, "up")
        ip("addr", "add", f"{self.there}/30", "dev", "line", inside=self.pid)
        ip("link", "set", "line", "address", "02:00:00:00:00:02", inside=self.pid)
        ip("link", "set", "line", "up", inside=self.pid)
        ip("neigh", "replace", self.there, "lladdr", "02:00:00:00:00:02", "nud", "permanent", "dev", self.name)

    def say(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def cut(self):
        """From now on what is sent to it is lost without a word, and it says nothing."""
        ip("link", "set", "line", "arp", "off", inside=self.pid)
        ip("addr", "flush", "dev", "line", inside=self.pid)

    def end(self):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("link", "del", self.name)


@pytest.fixture
def elsewhere():
    if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("a network of its own takes root")
    made = Elsewhere(CLIENTS)
    yield made
    made.end()


def sockets_to(address):
    """What the kernel still keeps, whether or not a process does."""
    return subprocess.run(["ss", "-Htna", "dst", address], check=True, capture_output=True, text=True).stdout.splitlines()


def metric(url, name):
    return float(re.search(rf"^{name} (\S+)$", requests.get(url + "/metrics", timeout=30).text, re.M)[1])


def test_a_client_whose_cable_was_pulled_is_given_up(elsewhere, new_gateway, mika, pomodoro):
    gateway = new_gateway(PROGRAM, "--listen", "0.0.0.0")
    url = gateway.api.url
    elsewhere.say(elsewhere.here, url.rsplit(":", 1)[1], mika.access)
    assert elsewhere.process.stdout.readline() == "there\n"
    assert metric(url, "kiroku_live_streams") == 1 and len(sockets_to(elsewhere.there)) == 2
    elsewhere.cut()
    mika.practise(pomodoro)  # something to tell it
    began = time.monotonic()
    while metric(url, "kiroku_live_streams") > 0 or sockets_to(elsewhere.there):
        assert time.monotonic() < began + patience(90), sockets_to(elsewhere.there)
        time.sleep(0.5)
    assert time.monotonic() > began + 15  # a short tunnel does no harm
