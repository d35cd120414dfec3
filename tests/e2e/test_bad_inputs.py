# tests/e2e/test_bad_inputs.py: bad inputs B1 to B20 (what requests are made of), each sent as bytes; nothing may break.
#
# B26 waits for one-time passwords, B39 and B40 for webhooks. B21 to B38 are in test_bad_callers.py.
import json
import re
import socket
import threading
import time

import pytest
import requests

from api import Learner, ok, patience
from wire import HOST, JSON, Wire, exchange, is_problem, request

LOGIN = b"POST /auth/login HTTP/1.1\r\n" + HOST + JSON
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
BODY = 64 * 1024  # bytes that a body may have


@pytest.fixture(autouse=True)
def unharmed(api):
    """Whatever is sent: the same gateway goes on, and has nothing to be sorry for."""
    before = apologies(api)
    yield
    assert requests.get(api.url + "/healthz", timeout=30).status_code == 200
    assert apologies(api) == before


def apologies(api):
    """Answers of 5xx so far, by route and status."""
    text = requests.get(api.url + "/metrics", timeout=30).text
    return set(re.findall(r'kiroku_http_requests_total\{[^}]*status="5\d\d"\} \d+', text))


# Framing: refused, and nothing behind it is read. Each is followed by a request that must not be answered.

FRAMING = {
    "B1 gzip": (LOGIN + b"Transfer-Encoding: gzip\r\n\r\nx", 400),
    "B1 chunked, identity": (LOGIN + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    "B1 twice": (LOGIN + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "B1 space before the colon": (LOGIN + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    "B2": (LOGIN + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "B2 the other way round": (LOGIN + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "B3": (LOGIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "B3 a list": (LOGIN + b"Content-Length: 2, 2\r\n\r\n{}", 400),
    "B3 signed": (LOGIN + b"Content-Length: +2\r\n\r\n{}", 400),
    "B4": (b"POST /auth/login HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "B5 bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "B5 NUL": (GET + b"X: a\0b\r\n\r\n", 400),
    "B5 control": (GET + b"X: a\x07b\r\n\r\n", 400),
    "B5 bare CR": (GET + b"X: a\rb\r\n\r\n", 400),
    "B6 none": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "B6 two": (GET + b"Host: b\r\n\r\n", 400),
    "B7 9 KiB": (GET + b"X: " + b"x" * 9 * 1024 + b"\r\n\r\n", 431),
    "B7 10,000 fields": (GET + b"X: 1\r\n" * 10_000 + b"\r\n", 431),
    "B8 announced": (LOGIN + b"Content-Length: %d\r\n\r\n" % (BODY + 1) + b" " * (BODY + 1), 413),
    "B8 chunked": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 16 + b"1\r\n \r\n0\r\n\r\n", 413),
    "B9 2^64": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n{}", (400, 413)),
    "B9 2^64 - 1": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}", (400, 413)),
    "B9 negative": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n", 400),
    "B9 extension": (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2;x=" + b"y" * 100_000 + b"\r\n{}\r\n0\r\n\r\n", (400, 413)),
    "B11 garbage": (bytes(range(256)) + b"\r\n\r\n", 400),
    "B11 TLS": (bytes.fromhex("160301020001 0001fc0303".replace(" ", "")) + b"\x2a" * 32 + b"\r\n\r\n", 400),
    "B11 HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "B12 unknown": (b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "B12 TRACE": (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "B12 CONNECT": (b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    "B13 8 KiB": (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
}


@pytest.mark.parametrize("name", FRAMING)
def test_what_could_be_read_in_two_ways_ends_the_connection(api, name):
    sent, status = FRAMING[name]
    with Wire(api.url) as wire:
        answer = wire.send(sent + GET + b"\r\n").answer()
        is_problem(answer, *(status if isinstance(status, tuple) else (status,)))
        assert answer.headers["connection"] == "close"
        assert wire.is_closed()


def test_b5_folded_lines_are_one_value(api):
    answer = exchange(api.url, GET + b"X: a\r\n b\r\n\r\n")
    assert answer.status == 200


def test_b8_the_largest_body_is_read(api):
    answer = exchange(api.url, request("POST", "/auth/login", b"{" + b" " * (BODY - 2) + b"}"))
    assert is_problem(answer, 422) == "invalid_request"


# Slowness


def test_b10_who_drips_or_does_not_read_is_cut_off_at_the_deadline(api):
    """A header has 10 s, a short body 5 s and a little, an answer 30 s; all at once here."""
    def drips(head, result):
        with Wire(api.url, 60) as wire:
            began = time.monotonic()
            wire.socket.settimeout(0.5)
            wire.send(head)
            while time.monotonic() - began < patience(30):
                wire.send(b"a")
                try:
                    if not wire.more() or b"\r\n\r\n" in wire.received:
                        break
                except TimeoutError:
                    continue
            result.append((time.monotonic() - began, wire.received))

    def deaf(result):
        with Wire(api.url, 60) as wire:
            began = time.monotonic()
            wire.socket.settimeout(patience(60))
            try:
                while True:
                    wire.socket.sendall((b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") * 100)
            except (BrokenPipeError, ConnectionResetError):
                result.append((time.monotonic() - began, b""))

    header, body, unread = [], [], []
    waiting = [threading.Thread(target=drips, args=(b"GET /healthz HTTP/1.1\r\nX-Slow: ", header)),
               threading.Thread(target=drips, args=(LOGIN + b"Content-Length: 1000\r\n\r\n", body)),
               threading.Thread(target=deaf, args=(unread,))]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join()
    assert 9 < header[0][0] < patience(13) and header[0][1].startswith(b"HTTP/1.1 408 ")
    assert 4 < body[0][0] < patience(8) and body[0][1].startswith(b"HTTP/1.1 408 ")
    assert 25 < unread[0][0] < patience(40)


def test_b10_chunks_that_drip_are_a_body_as_any(api):
    with Wire(api.url) as wire:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n", b"\r", b"\n"):
            wire.send(piece)
            time.sleep(0.2)
        assert is_problem(wire.answer(), 422) == "invalid_request"


# Targets


@pytest.mark.parametrize("path, statuses", [
    ("/me/..%2fhealthz", (400, 404)), ("/me/../healthz", (400, 404)), ("/me/%2e%2e/healthz", (400, 404)), ("/%00", (400, 404)),
    ("/me%2500", (400, 404)), ("/%252e%252e/", (400, 404)), ("/%c0%ae", (400,)), ("/m%", (400,)), ("/me?a=%ff", (400,)), ("/me?a=%0d%0aX:1", (400,)),
    ("//healthz", (404,)), ("/healthz/", (404,)), ("/me\\..\\healthz", (400, 404)), ("http://evil.example/healthz", (400,)), ("*", (400,)),
    ("/healthz?" + "&".join(f"p{number}=1" for number in range(100)), (400,)), ("/" + "a" * 5000, (414,))])
def test_b13_paths_that_mean_something_else(api, path, statuses):
    is_problem(exchange(api.url, request("GET", path)), *statuses)


# Bodies


@pytest.mark.parametrize("fields", [b"", b"Content-Type: text/plain\r\n", b"Content-Type: application/x-www-form-urlencoded\r\n",
                                    b"Content-Type: application/json; charset=utf-16\r\n", JSON + b"Content-Encoding: gzip\r\n", JSON + b"Content-Encoding: br\r\n"])
def test_b14_bodies_of_another_kind(api, fields):
    answer = exchange(api.url, b"POST /auth/login HTTP/1.1\r\n" + HOST + fields + b"Content-Length: 2\r\n\r\n{}")
    if b"utf-16" in fields and answer.status == 422:
        return  # a charset says nothing about JSON (RFC 8259): its bytes are UTF-8, or refused
    is_problem(answer, 415)


def create(mika, body):
    return exchange(mika.api.url, request("POST", "/challenges", body, f"Authorization: Bearer {mika.access}"))


@pytest.mark.parametrize("title", [b"\xff", b"\xc0\xae", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\udc00\\ud800", b"\xf0\x9f\x98"])
def test_b15_text_that_is_none(mika, title):
    assert is_problem(create(mika, b'{"type":"custom","title":"' + title + b'","difficulty":1,"estimatedDuration":10}'), 400) == "malformed_json"


def test_b15_a_mark_of_byte_order(mika):
    assert is_problem(create(mika, b"\xef\xbb\xbf{}"), 400) == "malformed_json"


CUSTOM = {"type": "custom", "title": "Walk", "difficulty": 1, "estimatedDuration": 10}


@pytest.mark.parametrize("body, statuses", [
    (b"[" * 30_000 + b"]" * 30_000, (400,)), (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, (400,)), (b"[" * 100_000, (413,)),
    (json.dumps(CUSTOM | {"successCriteria": {str(number): 0 for number in range(10**5)}}).encode(), (413,)),
    (json.dumps(CUSTOM | {"rewards": [{}] * 101}).encode(), (422,)), (json.dumps(CUSTOM | {"instructions": ["x"] * 1000}).encode(), (422,)),
    (b'{"type":"custom","type":"custom","title":"a","difficulty":1,"estimatedDuration":10}', (400,)),
    (b'{"type":"custom","title":"a","difficulty":1,"estimatedDuration":10,"successCriteria":{"a":1,"a":2}}', (400,))])
def test_b16_json_that_is_too_deep_too_wide_or_says_things_twice(mika, body, statuses):
    is_problem(create(mika, body), *statuses)


def complete(mika, pomodoro, **members):
    """`members`: JSON as it is sent."""
    session = mika.start(pomodoro)
    members = {"performanceScore": "1", "completionTime": "1"} | members
    body = "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"
    return exchange(mika.api.url, request("POST", f"/challenge-sessions/{session['id']}/complete", body.encode(), f"Authorization: Bearer {mika.access}"))


@pytest.mark.parametrize("number", [str(2**63), str(-2**63 - 1), "1" * 400, "1e999", "-1e999", "NaN", "Infinity", "0x10", "01", "1.", ".5", "+1",
                                    "0.30000000000000004", "1e-400", "-1", "101", "true", '"1"', "null"])
def test_b17_numbers_that_are_none_or_too_large(mika, pomodoro, number):
    is_problem(complete(mika, pomodoro, performanceScore=number), 400, 422)


def test_b17_minus_zero_is_zero_or_nothing(mika, pomodoro):
    answer = complete(mika, pomodoro, performanceScore="-0")
    assert answer.status in (200, 202) or is_problem(answer, 400, 422)


@pytest.mark.parametrize("date", [
    "0000-00-00T00:00:00Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2016-12-31T23:59:60Z", "2026-01-01T24:00:00Z",
    "100000-01-01T00:00:00Z", "+100000-01-01T00:00:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00",
    "2026-01-01", "2026-01-01T00:00:00 Europe/Berlin", "2026-01-01T00:00:00Z\\u0000", "yesterday", "", "1e12"])
def test_b18_times_that_are_none(mika, pomodoro, date):
    assert is_problem(complete(mika, pomodoro, occurredAt=f'"{date}"'), 422) == "invalid_request"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "/etc/localtime", "UTC\\u0000", "", "posixrules", "x" * 200])
def test_b18_zones_that_are_none(api, zone):
    learner = Learner(api)
    body = json.dumps(learner.registration | {"timezone": "ZONE"}).replace("ZONE", zone)
    is_problem(exchange(api.url, request("POST", "/auth/register", body.encode())), 422)


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad"])
def test_b19_addresses_that_only_look_like_another_one(api, mika, hidden):
    """What nobody sees is refused. Letters of other scripts are other letters, and so another address (gateway/README.md)."""
    twin = Learner(api)
    twin.email = mika.email[:2] + hidden + mika.email[2:]
    assert is_problem(exchange(api.url, request("POST", "/auth/register", json.dumps(twin.registration).encode())), 422) == "invalid_request"
    twin = Learner(api, name="Mi\u202eka")
    assert is_problem(exchange(api.url, request("POST", "/auth/register", json.dumps(twin.registration).encode())), 422) == "invalid_request"


def test_b19_homoglyphs_are_another_address(api, mika):
    twin = Learner(api)
    twin.email = mika.email.replace("mika", "m\u0456ka")
    assert ok(twin.register(), 201)["userId"] != mika.user_id


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x=1", "a\nALARM forged", "\u2028ALARM forged", "\x1b[2J"])
def test_b20_line_ends_reach_neither_headers_nor_log(api, mika, system, text):
    with Wire(api.url) as wire:
        answer = wire.send(GET + b"X-Request-Id: " + text.encode() + b"\r\n\r\n").answer()
        assert "set-cookie" not in answer.headers and answer.headers["x-request-id"] != text
    twin = Learner(api, name=text)
    is_problem(exchange(api.url, request("POST", "/auth/register", json.dumps(twin.registration).encode())), 422)
    answer = create(mika, json.dumps(CUSTOM | {"title": text}).encode())
    assert answer.status in (201, 422) and "set-cookie" not in answer.headers
    is_problem(exchange(api.url, request("GET", "/challenges?type=" + requests.utils.quote(text), b"", f"Authorization: Bearer {mika.access}")), 400)
    if system:
        assert not re.search(r"^(ALARM forged|Set-Cookie)", system.log.read_text(), re.M)
