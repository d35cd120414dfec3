# tests/e2e/test_bad_callers.py: bad inputs B21 to B38: forged tokens, other people's things, and WebSockets gone wrong.
#
# B26 waits for one-time passwords, B29's tenants for tenants: here it is another user's objects.
import base64
import hashlib
import hmac
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import time
import uuid

import pytest
import requests

from api import Learner, ok
from conftest import PROGRAM
from test_bad_inputs import CUSTOM, unharmed  # noqa: F401
from wire import Frames, exchange, is_problem, request

OPENSSL = shutil.which("openssl")


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token):
    """Header and claims of a token, and its signature as text."""
    header, claims, signature = token.split(".")
    read = lambda text: json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read(header), read(claims), signature


def signed(env, header, claims):
    """A token by our own key: what nobody else could make."""
    text = f"{encoded(header)}.{encoded(claims)}"
    key = pathlib.Path(env["KIROKU_KEYS"]) / "signing.pem"
    der = subprocess.run([OPENSSL, "dgst", "-sha256", "-sign", key], input=text.encode(), capture_output=True, check=True).stdout
    numbers, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        numbers += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return f"{text}.{encoded(numbers)}"


def me(api, token):
    return exchange(api.url, request("GET", "/me", b"", f"Authorization: Bearer {token}"))


# Tokens


def test_b21_no_algorithm(api, mika):
    _, claims, _ = parts(mika.access)
    for header in ({"alg": "none", "typ": "at+jwt"}, {"alg": "None"}, {"alg": "", "typ": "at+jwt"}):
        for signature in ("", "AA", parts(mika.access)[2]):
            assert is_problem(me(api, f"{encoded(header)}.{encoded(claims)}.{signature}"), 401) == "invalid_token"


def test_b22_the_public_key_as_a_secret(api, mika):
    header, claims, _ = parts(mika.access)
    [key] = requests.get(api.url + "/.well-known/jwks.json", timeout=30).json()["keys"]
    text = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    for secret in (json.dumps(key), key["x"] + key["y"], key["kid"], json.dumps(key, separators=(",", ":"))):
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
        assert is_problem(me(api, f"{text}.{encoded(signature)}"), 401) == "invalid_token"


@pytest.mark.parametrize("change", [{"exp": 1}, {"iat": 9_999_999_999, "exp": 9_999_999_999}, {"aud": "another"}, {"iss": "another"}, {"sub": "x"},
                                    {"roles": "analyst"}, {"exp": None}])
def test_b23_our_own_signature_under_other_claims(api, env, mika, change):
    header, claims, _ = parts(mika.access)
    assert me(api, signed(env, header, claims)).status == 200
    assert is_problem(me(api, signed(env, header, claims | change)), 401) in ("invalid_token", "expired_token")


@pytest.mark.parametrize("change", [{"typ": "JWT"}, {"typ": None}, {"crit": ["exp"]}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "http://127.0.0.1:1/"},
                                    {"jwk": {"kty": "EC"}}, {"kid": "another"}, {"alg": "ES384"}])
def test_b23_b24_our_own_signature_under_another_header(api, env, mika, change):
    header, claims, _ = parts(mika.access)
    assert is_problem(me(api, signed(env, header | change, claims)), 401) == "invalid_token"


def test_b24_keys_that_nobody_knows_are_not_looked_for(api, mika):
    header, claims, signature = parts(mika.access)
    took = []
    for number in range(200):
        began = time.monotonic()
        assert is_problem(me(api, f"{encoded(header | {'kid': str(number)})}.{encoded(claims)}.{signature}"), 401) == "invalid_token"
        took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.1


def refresh(api, token):
    return exchange(api.url, request("POST", "/auth/refresh", json.dumps({"refreshToken": token}).encode()))


def test_b25_an_old_refresh_token_ends_its_family(api, mika):
    family = [mika.refresh_token]
    for _ in range(2):
        family.append(json.loads(refresh(api, family[-1]).body)["refreshToken"])
    assert is_problem(refresh(api, family[0]), 401) == "invalid_refresh_token"
    assert is_problem(refresh(api, family[-1]), 401) == "session_not_live"


# Passwords


def log_in(api, email, password):
    return exchange(api.url, request("POST", "/auth/login", json.dumps({"email": email, "password": password}).encode()))


def test_b27_who_is_unknown_is_told_the_same_in_the_same_time(api, mika):
    def attempt(email):
        began = time.monotonic()
        answer = log_in(api, email, "not the password")
        took = time.monotonic() - began
        assert is_problem(answer, 401) == "invalid_credentials"
        return re.sub(r'"(timestamp|requestId)":"[^"]*"', "", answer.body.decode()), took

    known, unknown = zip(*[(attempt(mika.email), attempt(f"nobody-{uuid.uuid4()}@example.org")) for _ in range(7)])
    assert len({said for said, _ in known + unknown}) == 1
    middle = lambda attempts: statistics.median(took for _, took in attempts)
    assert 0.5 < middle(known) / middle(unknown) < 2


def test_b28_passwords_of_every_size(api):
    learner = Learner(api)
    for size, status in ((7, 422), (2_000, 422), (10**6, 413)):
        body = json.dumps(learner.registration | {"password": "x" * size}).encode()
        is_problem(exchange(api.url, request("POST", "/auth/register", body)), status)
        if size > 8:
            is_problem(log_in(api, learner.email, "x" * size), status, 401)
    learner.password = "記🗝" * 32
    learner.register()
    assert log_in(api, learner.email, learner.password).status == 200


# Other people's things


def test_b29_what_is_somebody_elses_does_not_exist(api, mika, new_learner, pomodoro):
    yuki = new_learner()
    session, challenge = yuki.start(pomodoro), ok(yuki.post("/challenges", CUSTOM), 201)
    token = f"Authorization: Bearer {mika.access}"
    done = b'{"performanceScore":1,"completionTime":1}'
    paths = [("GET", f"/challenge-sessions/{session['id']}", b""), ("POST", f"/challenge-sessions/{session['id']}/complete", done),
             ("POST", f"/challenge-sessions/{session['id']}/progress", b"{}"), ("POST", f"/challenge-sessions/{session['id']}/abandon", b"{}"),
             ("GET", f"/challenges/{challenge['id']}", b""), ("POST", f"/challenges/{challenge['id']}/sessions", b"{}")]
    for method, path, body in paths:
        theirs = exchange(api.url, request(method, path, body, token))
        code = is_problem(theirs, 404)
        nobodys = exchange(api.url, request(method, re.sub(r"[0-9a-f-]{36}", str(uuid.uuid4()), path), body, token))
        assert is_problem(nobodys, 404) == code, path
    assert ok(yuki.get(f"/challenge-sessions/{session['id']}", session["position"]), 200)["status"] == "in_progress"


@pytest.mark.parametrize("member", ["role", "roles", "isAdmin", "userId", "xp"])
def test_b30_nobody_gives_themselves_a_role(api, mika, member):
    learner = Learner(api)
    body = json.dumps(learner.registration | {member: "analyst"}).encode()
    assert is_problem(exchange(api.url, request("POST", "/auth/register", body)), 422) == "invalid_request"
    body = json.dumps(CUSTOM | {member: "analyst"}).encode()
    is_problem(exchange(api.url, request("POST", "/challenges", body, f"Authorization: Bearer {mika.access}")), 422)


def test_b31_what_needs_a_role(api, mika):
    assert is_problem(exchange(api.url, request("GET", "/analytics/events", b"", f"Authorization: Bearer {mika.access}")), 403) == "forbidden"


# The same wish twice


def test_b32_b33_a_key_is_for_one_request(api, mika):
    fields = (f"Authorization: Bearer {mika.access}", f"Idempotency-Key: {uuid.uuid4()}")
    send = lambda body: exchange(api.url, request("POST", "/challenges", json.dumps(body).encode(), *fields))
    first, again = send(CUSTOM), send(CUSTOM)
    assert first.status == 201 and again.body == first.body and again.headers["idempotent-replayed"] == "true"
    assert is_problem(send(CUSTOM | {"title": "Run"}), 422) == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "caf\u00e9", "a\tb"])
def test_b32_keys_that_are_none(api, mika, key):
    answer = exchange(api.url, request("POST", "/challenges", json.dumps(CUSTOM).encode(), f"Authorization: Bearer {mika.access}", f"Idempotency-Key: {key}"))
    assert is_problem(answer, 400) == "invalid_idempotency_key"


# Lists


@pytest.mark.parametrize("query", ["limit=1000000000", "limit=-1", "limit=0", "limit=101", "limit=1e2", "limit=", "limit=9999999999999999999999", "limit=1&limit=2",
                                   "cursor=x", "cursor=", "cursor=" + "A" * 300, "cursor=AAAAAAAAAAAAAAAAAAAA"])
@pytest.mark.parametrize("path", ["/challenges", "/me/xp-history"])
def test_b35_pages_that_nobody_was_given(api, mika, path, query):
    is_problem(exchange(api.url, request("GET", f"{path}?{query}", b"", f"Authorization: Bearer {mika.access}")), 400)


@pytest.mark.parametrize("value", ["' OR 1=1 --", "pomodoro'; DROP TABLE x; --", "$.** ? (@ > 0)", "1) UNION SELECT 1", "%", "_", "\\", "pg_sleep(5)"])
def test_b36_queries_in_queries(api, mika, value):
    quoted = requests.utils.quote(value, safe="")
    for path in (f"/challenges?type={quoted}", f"/challenges?difficulty={quoted}", f"/challenges?cursor={quoted}", f"/challenges?sort={quoted}",
                 f"/leaderboards/global?timeframe={quoted}", f"/me/xp-history?cursor={quoted}"):
        is_problem(exchange(api.url, request("GET", path, b"", f"Authorization: Bearer {mika.access}")), 400)
    is_problem(exchange(api.url, request("GET", f"/challenges/{quoted}", b"", f"Authorization: Bearer {mika.access}")), 400, 404)


# WebSockets


def test_b37_pages_of_strangers_may_not_connect(new_gateway):
    """Who names no page is no browser; they have to bring a token as everybody has."""
    gateway = new_gateway(PROGRAM, "--origins", "https://kiroku.example,https://app.example")
    upgraded = lambda *fields: Frames(gateway.api.url).upgrade(*fields)
    for origin in ("https://evil.example", "http://kiroku.example", "https://kiroku.example.evil.example", "https://kiroku.example:444", "null", ""):
        assert is_problem(upgraded(f"Origin: {origin}"), 403) == "forbidden"
    for origin in ("https://kiroku.example", "https://app.example"):
        assert upgraded(f"Origin: {origin}").status == 101
    with Frames(gateway.api.url) as socket:
        assert socket.upgrade().status == 101
        socket.say(0x81, b'{"type":"subscribe","channel":"me"}')
        assert socket.close_code() == 4401


HANDSHAKE = (b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: " + base64.b64encode(b"x" * 16)
             + b"\r\nSec-WebSocket-Protocol: kiroku.v1.json\r\n")


@pytest.mark.parametrize("more, status", [
    (b"Sec-WebSocket-Version: 13\r\n\r\n", 101), (b"Sec-WebSocket-Version: 13\r\nContent-Length: 5\r\n\r\nhello", 400), (b"Sec-WebSocket-Version: 8\r\n\r\n", 426),
    (b"Sec-WebSocket-Version: 13\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400), (b"\r\n", 426),
    (b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AA==\r\n\r\n", 400)])
def test_b37_handshakes_that_are_more_or_less_than_one(api, more, status):
    answer = exchange(api.url, HANDSHAKE + more)
    assert answer.status == status
    if status != 101:
        is_problem(answer, status)


@pytest.mark.parametrize("first_byte, payload, masked, code", [
    (0x81, b"x" * (64 * 1024 + 1), True, 1009), (0x81, b"{}", False, 1002), (0x81, b"\xff\xfe", True, 1007), (0x81, b"\xed\xa0\x80", True, 1007),
    (0x82, b"{}", True, 1003), (0xC1, b"{}", True, 1002), (0x83, b"", True, 1002), (0x89, b"x" * 126, True, 1002), (0x09, b"", True, 1002),
    (0x80, b"x", True, 1002), (0x81, b"[]", True, 4400), (0x81, b"{" * 1000, True, 4400), (0x81, b'{"type":"ping"}', True, 4401)])
def test_b38_frames_and_messages_that_are_wrong(api, first_byte, payload, masked, code):
    with Frames(api.url) as socket:
        assert socket.upgrade().status == 101
        socket.say(first_byte, payload, masked)
        assert socket.close_code() == code


@pytest.mark.parametrize("first_byte, payload", [(0x89, b""), (0x8A, b""), (0x89, b"x" * 100)])
def test_b38_floods_of_pings(api, first_byte, payload):
    with Frames(api.url) as socket:
        assert socket.upgrade().status == 101
        for _ in range(100):
            socket.say(first_byte, payload)
        assert socket.close_code() == 1008


def test_b38_a_length_of_nearly_all_there_is(api):
    with Frames(api.url) as socket:
        assert socket.upgrade().status == 101
        socket.send(b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0abc")
        assert socket.close_code() == 1009
