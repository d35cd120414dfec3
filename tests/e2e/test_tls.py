# tests/e2e/test_tls.py: a gateway with a certificate: who is let in, with what, and how the certificate is changed meanwhile.
import asyncio
import concurrent.futures
import json
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests
import websockets

from api import patience
from conftest import PROGRAM
from wire import HOST, Wire

OPENSSL = shutil.which("openssl")


def make_certificate(folder, name, key="ec"):
    """(certificate, key) of localhost, signed by itself."""
    certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
    kind = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if key == "ec" else ["rsa:2048"]
    subprocess.run([OPENSSL, "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", secret, "-out", certificate, "-days", "2",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, secret


class Encrypted:
    """A gateway with the files `live.pem` and `live.key`, and what its clients trust."""

    def __init__(self, folder, new_gateway):
        self.folder = folder
        self.known = [make_certificate(folder, name) for name in ("first", "second")]
        self.trusted = folder / "trusted.pem"
        self.trusted.write_bytes(b"".join(certificate.read_bytes() for certificate, _ in self.known))
        self.use(0)
        self.gateway = new_gateway(PROGRAM, "--tls-certificate", str(folder / "live.pem"), "--tls-key", str(folder / "live.key"),
                                   verify=str(self.trusted))
        self.url = self.gateway.api.url

    def use(self, number):
        for source, name in zip(self.known[number], ("live.pem", "live.key")):
            shutil.copy(source, self.folder / "next")
            (self.folder / "next").rename(self.folder / name)

    def context(self, **more):
        context = ssl.create_default_context(cafile=self.trusted)
        for name, value in more.items():
            setattr(context, name, value)
        return context

    def wrap(self, connection, **more):
        return self.context(**more).wrap_socket(connection, server_hostname="localhost")

    def shown(self):
        """Whose name the certificate has that a new connection is shown."""
        with Wire(self.url, wrap=self.wrap) as wire:
            return dict(pair for part in wire.socket.getpeercert()["subject"] for pair in part)["commonName"]

    def shows(self, name):
        until = time.monotonic() + patience(15)
        while self.shown() != name:
            assert time.monotonic() < until, f"{name} is not in use"
            time.sleep(0.1)

    def metric(self, name):
        for line in requests.get(self.url + "/metrics", timeout=30, verify=self.trusted).text.splitlines():
            if line.startswith(name + " "):
                return float(line.split(" ")[1])
        raise AssertionError(f"no {name}")


@pytest.fixture
def encrypted(tmp_path, new_gateway):
    return Encrypted(tmp_path, new_gateway)


def s_client(url, *options):
    address = urllib.parse.urlsplit(url).netloc
    return subprocess.run([OPENSSL, "s_client", "-connect", address, *options], input=b"", capture_output=True, timeout=60, check=False)


def test_it_serves_as_ever_and_says_to_come_back_encrypted_only(encrypted):
    with requests.Session() as session:
        for path in ("/healthz", "/openapi.json", "/readyz", "/openapi.json"):
            answer = session.get(encrypted.url + path, timeout=30, verify=encrypted.trusted)
            assert answer.status_code == 200 and answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert len(answer.content) > 50_000 and json.loads(answer.content)
        answer = session.post(encrypted.url + "/auth/login", data=b"{" + b" " * 60_000 + b"}", timeout=30,
                              verify=encrypted.trusted, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
    with Wire(encrypted.url, wrap=encrypted.wrap) as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert wire.answer().status == 200 and wire.is_closed()


def test_versions_and_ciphers(encrypted):
    for options in (("-tls1_3",), ("-tls1_2",), ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")):
        assert b"Cipher is (NONE)" not in s_client(encrypted.url, *options).stdout, options
    for options in (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
                    ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"), ("-tls1_2", "-cipher", "AES128-GCM-SHA256")):
        ended = s_client(encrypted.url, *options)
        assert b"Cipher is (NONE)" in ended.stdout and b"alert" in ended.stderr, (options, ended)
    assert b"ALPN protocol: http/1.1" in s_client(encrypted.url, "-alpn", "h2,http/1.1").stdout
    assert b"no application protocol" in s_client(encrypted.url, "-alpn", "h2").stderr
    assert b"Compression: NONE" in s_client(encrypted.url, "-tls1_2").stdout


def test_renegotiation_is_refused(encrypted):
    client = subprocess.Popen([OPENSSL, "s_client", "-connect", urllib.parse.urlsplit(encrypted.url).netloc, "-tls1_2"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(1)
    client.stdin.write(b"R\n")
    client.stdin.flush()
    said, _ = client.communicate(timeout=60)
    assert b"no renegotiation" in said, said[-2000:]


def test_plain_bytes_are_cut_off(encrypted):
    with Wire(encrypted.url) as wire:
        wire.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert wire.is_closed() or not wire.received.startswith(b"HTTP/")
    assert encrypted.shown() == "first"


def test_a_handshake_that_does_not_end_is_cut_off(encrypted):
    waiting = [Wire(encrypted.url), Wire(encrypted.url)]
    waiting[1].send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    began = time.monotonic()
    for wire in waiting:
        assert wire.is_closed()
    assert 5 < time.monotonic() - began < patience(20)


def test_a_whole_conversation_over_wss(encrypted, mika, pomodoro):
    async def talk():
        async with websockets.connect("wss" + encrypted.url.removeprefix("https") + "/ws", subprotocols=["kiroku.v1.json"], compression=None,
                                      ssl=encrypted.context()) as push:
            await push.send(json.dumps({"type": "authenticate", "token": mika.access}))
            await push.send(json.dumps({"type": "subscribe", "channel": "me"}))
            assert json.loads(await push.recv())["type"] == "subscribed"
            await asyncio.get_running_loop().run_in_executor(None, mika.practise, pomodoro)
            kinds = set()  # what follows from one may come before another: they lie in different logs
            while not kinds >= {"challenges.session_started.v1", "challenges.session_completed.v1", "gamification.xp_awarded.v1"}:
                kinds.add(json.loads(await push.recv())["event"]["type"])
            await push.send("x" * 70_000)
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await push.recv()
            assert push.close_code == 1009

    asyncio.run(asyncio.wait_for(talk(), patience(30)))


def test_a_new_certificate_is_taken_up_while_everybody_is_served(encrypted):
    stop, served = threading.Event(), []

    def ask():
        while not stop.is_set():
            answer = requests.get(encrypted.url + "/healthz", timeout=30, verify=encrypted.trusted)
            served.append(answer.status_code)

    def is_answered(wire):
        return wire.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n").answer().status == 200

    with Wire(encrypted.url, wrap=encrypted.wrap) as old, concurrent.futures.ThreadPoolExecutor(3) as pool:
        busy = [pool.submit(ask) for _ in range(3)]
        for number, name in ((1, "second"), (0, "first"), (1, "second")):
            assert is_answered(old)
            encrypted.use(number)
            encrypted.shows(name)
        encrypted.use(0)
        time.sleep(0.1)
        encrypted.gateway.process.send_signal(signal.SIGHUP)
        encrypted.shows("first")
        stop.set()
        for one in busy:
            one.result()
        assert is_answered(old)
    assert set(served) == {200} and len(served) > 20


def test_a_broken_pair_is_refused_and_the_old_one_goes_on(encrypted):
    reloads = encrypted.metric("kiroku_tls_reloads_total")
    (encrypted.folder / "live.pem").write_text("this is no certificate")
    until = time.monotonic() + patience(15)
    while "ALARM tls_certificate" not in encrypted.gateway.log.read_text():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert encrypted.shown() == "first" and encrypted.metric("kiroku_tls_reloads_refused_total") == 1
    shutil.copy(encrypted.known[1][0], encrypted.folder / "live.pem")  # the key is still the first one's
    encrypted.gateway.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert encrypted.shown() == "first"
    encrypted.use(1)
    encrypted.shows("second")
    assert encrypted.metric("kiroku_tls_reloads_total") > reloads
    assert "PRIVATE" not in encrypted.gateway.log.read_text()
    assert encrypted.metric("kiroku_tls_certificate_expires_seconds") > time.time() + 24 * 3600


def test_clients_that_vanish_in_the_middle_harm_nobody(encrypted):
    for size in (0, 1, 5, 200):
        with socket.create_connection(urllib.parse.urlsplit(encrypted.url).netloc.split(":"), 30) as connection:
            connection.sendall(b"\x16\x03\x01\x02\x00"[:size] + b"\x01" * max(0, size - 5))
    for _ in range(20):
        with Wire(encrypted.url, wrap=encrypted.wrap) as wire:
            wire.send((b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") * 20)
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert encrypted.shown() == "first" and encrypted.gateway.process.poll() is None
