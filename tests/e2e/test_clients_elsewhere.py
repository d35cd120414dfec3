# tests/e2e/test_clients_elsewhere.py: both client libraries over TLS, with an authority of our own; in browsers from a page of another
# origin, whom the gateway lets in, or doesn't.
import base64
import hashlib
import os
import shutil
import subprocess
import time

import pytest

from api import patience
from client_fixtures import Client, make_host, site
from client_hosts import Failed
from conftest import OtherGateway
from proxy import Proxy
from test_tls import make_certificate

__all__ = ["site"]
OPENSSL = shutil.which("openssl")
HOSTS = ("python", "node", "chromium")
NOWHERE = "http://127.0.0.1:9"
HASTY = {"attempts": 2, "pauseMs": 20, "longestPauseMs": 100}


def make_leaf(folder, authority):
    """(certificate, key) of localhost, signed by an authority."""
    certificate, secret = folder / "leaf.pem", folder / "leaf.key"
    subprocess.run([OPENSSL, "req", "-x509", "-CA", authority[0], "-CAkey", authority[1], "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-keyout", secret, "-out", certificate, "-days", "2", "-subj", "/CN=leaf", "-addext", "basicConstraints=CA:FALSE",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, secret


def fingerprint(certificate):
    """SHA-256 of its public key, as Chromium wants to be told it."""
    key = subprocess.run([OPENSSL, "x509", "-in", certificate, "-pubkey", "-noout"], check=True, capture_output=True).stdout
    der = subprocess.run([OPENSSL, "pkey", "-pubin", "-outform", "der"], input=key, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Place:
    """A gateway with TLS that lets pages of one origin in, and pages of that origin and of another one."""

    def __init__(self, env, folder, pages):
        self.authority, self.leaf = (authority := make_certificate(folder, "authority"))[0], make_leaf(folder, authority)
        self.welcome, self.foreign = Proxy(NOWHERE, pages), Proxy(NOWHERE, pages)
        self.gateway = OtherGateway(env | {"KIROKU_ORIGINS": self.welcome.url}, folder / "gateway.log", verify=str(self.authority),
                                    options=("--tls-certificate", str(self.leaf[0]), "--tls-key", str(self.leaf[1])))
        self.url = self.gateway.api.url

    def close(self):
        self.gateway.stop()
        self.welcome.close()
        self.foreign.close()


@pytest.fixture(scope="module")
def place(system, site, tmp_path_factory):
    if system is None and "KIROKU_KAFKA" not in os.environ:
        pytest.skip("KIROKU_URL alone doesn't tell where the servers are: source DATA/env")
    env = system.env() if system else {name: value for name, value in os.environ.items() if name.startswith("KIROKU_")}
    made = Place(env, tmp_path_factory.mktemp("place"), site)
    yield made
    made.close()


@pytest.fixture(scope="module", params=HOSTS)
def host(request, place):
    made = make_host(request.param, request, place.authority, [fingerprint(place.leaf[0])])
    yield made
    made.end()


@pytest.fixture
def mika(host, place):
    host.visit(place.welcome.url)
    return Client(host, place.url).sign_up()


def test_what_was_written_is_read(mika, pomodoro):
    """Positions, tags and the rest are readable for pages of another origin, too."""
    done = mika.practise(pomodoro)
    read = mika.call("showMyProgress")
    assert read["body"]["totalXp"] == done["reward"]["totalXp"] and read["etag"] and read["requestId"]
    assert mika.call("showMyProgress")["status"] == 304 and len(mika.collect("iterateMyXp", limit=1)) > 1
    first, again = [mika.call("startSession", pomodoro["id"], idempotencyKey="wish") for _ in range(2)]
    assert first["position"] == first["body"]["position"] and (first["replayed"], again["replayed"]) == (False, True)
    stale = mika.fails("Refused", "completeSession", first["body"]["id"], body={"performanceScore": 80, "completionTime": 60}, ifMatch='"0"')
    assert (stale.status, bool(stale.request_id)) == (412, True)


@pytest.mark.parametrize("transport", ["websocket", "sse"])
def test_what_happens_is_told(mika, pomodoro, transport):
    live = mika.realtime(transport=transport).subscribe()
    session = mika.call("startSession", pomodoro["id"])["body"]
    assert live.record_progress(session, "focus")["answer"]["currentPhase"] == "focus"
    live.until(lambda one: "challenges.session_progressed.v1" in {event["type"] for event in one.events()})
    live.join(pomodoro["id"]).until(lambda one: mika.tokens["userId"] in one.members(pomodoro["id"]))
    since = live.position()
    live.close()
    mika.practise(pomodoro)
    later = mika.realtime(transport=transport).subscribe(since=since)
    later.until(lambda one: "challenges.session_completed.v1" in {event["type"] for event in one.events()})
    assert {"missed": "me"} not in later.heard
    later.close()


@pytest.mark.parametrize("name", HOSTS)
def test_an_authority_that_is_not_known(place, request, name):
    stranger = make_host(name, request)
    try:
        stranger.visit(place.welcome.url)
        client = Client(stranger, place.url, patience=HASTY)
        lost = client.fails("Unreachable", "logIn", body={"email": "a@example.org", "password": "x" * 9})
        assert name == "chromium" or "certificate" in str(lost), lost
    finally:
        stranger.end()


@pytest.fixture
def browser(host):
    if host.name != "chromium":
        pytest.skip("only browsers know of origins")
    return host


def test_a_page_that_is_not_let_in(browser, mika, place):
    """It is told so at once, and doesn't knock again and again."""
    tokens = mika.tokens
    browser.visit(place.foreign.url)
    stranger = Client(browser, place.url, tokens=tokens)
    began = time.monotonic()
    refused = stranger.fails("OriginRefused", "showMyAccount")
    assert place.foreign.url in str(refused) and "KIROKU_ORIGINS" in str(refused)
    stale = Client(browser, place.url, tokens=tokens | {"endsAt": 0})
    for client, transport in ((stranger, "websocket"), (stranger, "sse"), (stale, "websocket")):
        live = client.realtime(transport=transport)
        with pytest.raises(Failed, match="OriginRefused"):
            live.subscribe()
        assert live.states()[-1][0] == "ended"
    assert time.monotonic() - began < patience(10)


def test_a_gateway_that_is_gone_is_no_refusal(browser, place):
    browser.visit(place.welcome.url)
    lost = Client(browser, "https://127.0.0.1:9", patience=HASTY).fails("Unreachable", "showLife")
    assert "KIROKU_ORIGINS" not in str(lost)
