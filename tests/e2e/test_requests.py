# tests/e2e/test_requests.py: sending twice, reading one's own writes, and how every kind of wrong request is refused.
import concurrent.futures
import json
import socket
import urllib.parse
import uuid

import pytest
import requests

from api import TIMEOUT, Learner, ok, refused

CUSTOM = {"type": "custom", "title": "Walk", "difficulty": 1, "estimatedDuration": 10}


# Idempotency


def replayed(answer):
    return answer.headers.get("Idempotent-Replayed") == "true"


def same(first, again):
    assert again.status_code == first.status_code and replayed(again) and not replayed(first)
    assert again.json() == first.json() and again.headers.get("Kiroku-Position") == first.headers.get("Kiroku-Position")


def test_the_first_answer_again(mika, pomodoro):
    def twice(path, body):
        key = str(uuid.uuid4())
        first = mika.post(path, body, key)
        ok(first, first.status_code)
        same(first, mika.post(path, body, key))
        return first.json()

    twice("/challenges", CUSTOM)
    session = twice(f"/challenges/{pomodoro['id']}/sessions", {})
    path = f"/challenge-sessions/{session['id']}"
    twice(path + "/progress", {"currentPhase": "focus", "sessionData": {"b": 1, "a": [1, 2]}})
    done = twice(path + "/complete", {"performanceScore": 70, "completionTime": 60})
    assert done["reward"]["xpAwarded"] > 0
    assert mika.progress(done["position"])["totalXp"] == done["reward"]["totalXp"]
    assert mika.progress(done["position"])["sessionsCompleted"] == 1
    given_up = mika.start(pomodoro)
    twice(f"/challenge-sessions/{given_up['id']}/abandon", {})


def test_the_first_reward_again_after_others(mika, pomodoro):
    session, key = mika.start(pomodoro), "k"
    body = {"performanceScore": 100, "completionTime": 60}
    first = mika.post(f"/challenge-sessions/{session['id']}/complete", body, key)
    ok(first, 200)
    for _ in range(3):
        mika.practise(pomodoro)
    same(first, mika.post(f"/challenge-sessions/{session['id']}/complete", body, key))


def test_members_in_another_order_are_the_same_request(mika):
    first = mika.post("/challenges", CUSTOM, "order")
    again = mika.post("/challenges", dict(reversed(CUSTOM.items())), "order")
    same(first, again)


def test_registering_twice_is_once(api):
    learner = Learner(api)
    first = learner.post("/auth/register", learner.registration, "r", token=None)
    same(first, learner.post("/auth/register", learner.registration, "r", token=None))
    other = learner.registration | {"displayName": "Somebody else"}
    refused(learner.post("/auth/register", other, "r", token=None), 422, "idempotency_key_reused")


def test_another_body_under_the_same_key(mika, pomodoro):
    ok(mika.post("/challenges", CUSTOM, "one key"[:3]), 201)
    refused(mika.post("/challenges", CUSTOM | {"title": "Run"}, "one"), 422, "idempotency_key_reused")
    session = mika.start(pomodoro)
    path = f"/challenge-sessions/{session['id']}/complete"
    ok(mika.post(path, {"performanceScore": 70, "completionTime": 60}, "two"), 200)
    refused(mika.post(path, {"performanceScore": 71, "completionTime": 60}, "two"), 422, "idempotency_key_reused")


def test_a_key_is_its_users_own(new_learner, mika):
    yuki = new_learner()
    mine, hers = (ok(learner.post("/challenges", CUSTOM, "shared"), 201) for learner in (mika, yuki))
    assert mine["id"] != hers["id"]


def test_without_a_key_or_with_another_it_is_another_request(mika):
    made = [ok(mika.post("/challenges", CUSTOM, key), 201)["id"] for key in (None, None, "a", "b")]
    assert len(set(made)) == 4


def test_a_refusal_is_the_same_again_and_changes_nothing(mika, pomodoro):
    session = mika.start(pomodoro)
    mika.complete(session)
    path = f"/challenge-sessions/{session['id']}/complete"
    for _ in range(2):
        refused(mika.post(path, {"performanceScore": 1, "completionTime": 1}, "late"), 409, "session_already_completed")


def test_what_is_in_flight_is_not_begun_again(api):
    """Hashing the password takes long enough for the second to arrive meanwhile."""
    learner = Learner(api)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(learner.post, "/auth/register", learner.registration, "same", token=None) for _ in range(8)]
        answers = [one.result() for one in sent]
    first = [answer for answer in answers if answer.status_code == 201 and not replayed(answer)]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(first) == 1 and waiting, [answer.status_code for answer in answers]
    for answer in waiting:
        assert refused(answer, 409, "request_in_flight")["retryable"] is True
    for answer in answers:
        if answer not in first + waiting:
            same(first[0], answer)
    same(first[0], learner.post("/auth/register", learner.registration, "same", token=None))


def test_many_at_once_complete_a_session_once(mika, pomodoro):
    session = mika.start(pomodoro)
    path, body = f"/challenge-sessions/{session['id']}/complete", {"performanceScore": 90, "completionTime": 60}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [one.result() for one in [pool.submit(mika.post, path, body) for _ in range(8)]]
    done = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(done) == 1
    for answer in answers:
        if answer.status_code != 200:
            refused(answer, 409, "session_already_completed")
    assert mika.progress(done[0]["position"])["totalXp"] == done[0]["reward"]["totalXp"]


@pytest.mark.parametrize("key", ["x" * 256, "two words", "tab\there"])
def test_keys_that_are_none(mika, key):
    refused(mika.post("/challenges", CUSTOM, key), 400, "invalid_idempotency_key")


# Reading one's own writes


def test_a_position_that_is_not_there_yet(mika):
    position = ok(mika.post("/challenges", CUSTOM), 201)["position"]
    ok(mika.get("/challenges", position), 200)
    context, rest = position.split("@")[0], int(position.split("@")[1].split(",")[0])
    answer = mika.get("/challenges", f"{context}@{rest + 1_000_000}")
    assert refused(answer, 503, "projection_lagging")["retryable"] is True
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("position", ["x", "challenges/1", "challenges/1@x", "challenges/-1@5", "challenges/1@5,", "@", "a/1@99999999999999999999"])
def test_positions_that_are_none(mika, position):
    refused(mika.get("/me/progress", position), 400, "invalid_position")


# Refusals


def test_nothing_is_where_nothing_is(mika):
    refused(mika.get("/nothing"), 404, "not_found")
    refused(mika.get("/me/"), 404, "not_found")
    refused(mika.post("/challenge-sessions/not-a-uuid/complete", {"performanceScore": 1, "completionTime": 1}), 404, "not_found")


@pytest.mark.parametrize("method, path, allowed", [
    ("PROPFIND", "/me", "GET, HEAD"), ("DELETE", "/me", "GET"), ("PUT", "/challenges", "GET"), ("GET", "/auth/login", "POST"), ("PATCH", "/me/progress", "GET")])
def test_methods_that_a_path_does_not_have(api, mika, method, path, allowed):
    answer = api.send(method, path, headers=mika.headers("own"))
    refused(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"]


def send_body(mika, body, content_type="application/json", path="/challenges", **headers):
    headers = {"Content-Type": content_type} if content_type else {}
    return mika.api.send("POST", path, data=body, headers=mika.headers("own") | headers)


@pytest.mark.parametrize("body", [
    b"{", b"{} x", b"{'a':1}", b'{"title":"\xff"}', b'{"title":"a","title":"b"}', b"[" * 10_000 + b"]" * 10_000,
    b'{"title":"\\ud800"}', b'{"difficulty":01}', b'{"difficulty":NaN}', b'\xef\xbb\xbf{}', b'{"title":"a\x01"}'])
def test_what_is_not_json(mika, body):
    refused(send_body(mika, body), 400, "malformed_json")


def test_an_empty_body_is_an_empty_object(mika):
    assert refused(send_body(mika, b""), 422, "invalid_request")["details"] == {"path": "/type", "problem": "is required"}


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"7", b'{"difficulty":1e999}', b'{"difficulty":99999999999999999999}'])
def test_json_of_another_kind(mika, body):
    answer = send_body(mika, body)
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code, {400: "malformed_json", 422: "invalid_request"}[answer.status_code])


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx"])
def test_bodies_that_are_not_declared_as_json(mika, content_type):
    refused(send_body(mika, json.dumps(CUSTOM).encode(), content_type), 415, "unsupported_media_type")


def test_json_with_a_charset(mika):
    ok(send_body(mika, json.dumps(CUSTOM).encode(), "application/json; charset=utf-8"), 201)


def test_compressed_bodies(mika):
    headers = mika.headers("own") | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused(mika.api.send("POST", "/challenges", data=b"x", headers=headers), 415, "unsupported_encoding")


def test_bodies_that_are_too_large(mika):
    body = CUSTOM | {"description": "x" * 70_000}
    refused(mika.post("/challenges", body), 413, "payload_too_large")


def raw(api, text, until_closed=False):
    """Status and header of what comes back to these bytes."""
    parts = urllib.parse.urlsplit(api.url)
    with socket.create_connection((parts.hostname, parts.port), TIMEOUT) as connection:
        connection.sendall(text)
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
            if b"\r\n\r\n" in got and not until_closed:
                break
    return int(got.split(b" ")[1]), got.split(b"\r\n\r\n")[0].decode().lower()


HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize("text, status", [
    (b"GET /me HTTP/1.1\r\n\r\n", 400),
    (b"GET /me HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    (b"GET /me HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n", 400),
    (b"GET /m%zz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    (b"nonsense\r\n\r\n", 400),
    (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET /me HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 9000 + b"\r\n\r\n", 431),
    (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    (b"POST /auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
    (b"POST /auth/login HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    (b"POST /auth/login HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    (b"POST /auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n", 413),
    (b"\x16\x03\x01\x00\xa5\x01\x00", 400),
])
def test_bytes_that_could_be_read_in_two_ways(api, text, status):
    if status == 400 and text.startswith(b"\x16"):
        text += b"\r\n\r\n"
    got, header = raw(api, text)
    assert got == status, header
    assert "application/problem+json" in header


def test_unknown_parameters_are_named(mika):
    error = refused(mika.get("/me?verbose=1"), 400, "unknown_parameter")
    assert error["details"]["parameter"] == "verbose"


def test_a_request_can_be_named(api):
    answer = api.send("GET", "/me", headers={"X-Request-Id": "my-request-7"})
    assert refused(answer, 401, "unauthenticated")["requestId"] == "my-request-7"


def test_a_connection_serves_many_requests(api, mika):
    with requests.Session() as session:
        for _ in range(50):
            answer = session.get(api.url + "/me", headers=mika.headers("own"), timeout=TIMEOUT)
            assert answer.status_code == 200


# Operating


def test_health_and_metrics_are_open(api):
    assert ok(api.send("GET", "/healthz"), 200)["status"] == "ok"
    ready = ok(api.send("GET", "/readyz"), 200)
    assert ready["status"] == "ok" and {check["name"] for check in ready["checks"]} >= {"kafka", "postgres"}
    metrics = api.send("GET", "/metrics")
    assert metrics.status_code == 200 and "# TYPE kiroku_" in metrics.text
