# tests/e2e/api.py: the HTTP API from a client's side, and what every answer of it must look like.
import datetime
import os
import re
import time
import uuid

import requests

from contract import Contract

TIMEOUT = 30
PROBLEM = "application/problem+json"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INTERNALS = re.compile(r"exception|\.cpp|kafka|postgres|select |librdkafka|std::|/work|/tmp", re.I)


class Api:
    def __init__(self, url):
        self.url = url.rstrip("/")

    @property
    def ws_url(self):
        return "ws" + self.url.removeprefix("http") + "/ws"

    def send(self, method, path, **more):
        more.setdefault("timeout", TIMEOUT)
        answer = requests.request(method, self.url + path, **more)
        Contract.of(self.url).check(answer)
        return answer


class Learner:
    """Somebody who registers, logs in and practises. Each POST gets an Idempotency-Key of its own unless told one."""

    def __init__(self, api, timezone="UTC", name="Mika"):
        self.api = api
        self.timezone = timezone
        self.name = name
        self.email = f"mika-{uuid.uuid4()}@example.org"
        self.password = "a long pass phrase 記録"
        self.user_id = self.access = self.refresh_token = None
        self.is_in_a_moment = False  # the account

    def register(self):
        answer = self.post("/auth/register", self.registration, token=None)
        self.is_in_a_moment = answer.status_code == 202
        self.user_id = ok(answer, 202 if self.is_in_a_moment else 201)["userId"]
        return answer

    @property
    def registration(self):
        return {"email": self.email, "password": self.password, "displayName": self.name, "timezone": self.timezone}

    def log_in(self):
        for _ in range(100):
            answer = self.post("/auth/login", {"email": self.email, "password": self.password}, token=None)
            if answer.status_code != 401 or not self.is_in_a_moment:
                break
            time.sleep(0.1)
        self.is_in_a_moment = False
        self.take(ok(answer, 200))
        return answer

    def take(self, tokens):
        assert tokens["userId"] == self.user_id
        self.access, self.refresh_token = tokens["accessToken"], tokens["refreshToken"]

    def another_device(self):
        """The same account, logged in anew."""
        other = Learner(self.api, self.timezone, self.name)
        other.email, other.password, other.user_id = self.email, self.password, self.user_id
        other.log_in()
        return other

    def headers(self, token):
        token = self.access if token == "own" else token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path, position=None, token="own", **more):
        headers = self.headers(token) | ({"Kiroku-Min-Position": position} if position else {})
        return self.api.send("GET", path, headers=headers, **more)

    def post(self, path, body=None, key="own", token="own", **more):
        key = str(uuid.uuid4()) if key == "own" else key
        headers = self.headers(token) | ({"Idempotency-Key": key} if key else {})
        return self.api.send("POST", path, json={} if body is None else body, headers=headers, **more)

    # What learners do, each checked for success.

    def challenges(self, **query):
        return ok(self.get("/challenges", params={"limit": 100} | query), 200)["items"]

    def start(self, challenge):
        return ok(self.post(f"/challenges/{challenge['id']}/sessions"), 201)

    def complete(self, session, score=80, seconds=1500, occurred_at=None):
        body = {"performanceScore": score, "completionTime": seconds}
        if occurred_at:
            body["occurredAt"] = rfc3339(occurred_at)
        return ok(self.post(f"/challenge-sessions/{session['id']}/complete", body), 200)

    def practise(self, challenge, **how):
        return self.complete(self.start(challenge), **how)

    def progress(self, position=None):
        return ok(self.get("/me/progress", position), 200)

    def history(self, position=None):
        """All awards, newest first, page by page."""
        items, cursor = [], None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = ok(self.get("/me/xp-history", position, params=query), 200)
            assert len(page["items"]) <= 3
            items += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return items


def ok(answer, status):
    """The body of an answer that must have this status; a write's position stands in the header, too."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path_url}: {answer.status_code} {answer.text}"
    if status == 204:
        assert not answer.content
        return None
    assert answer.headers["Content-Type"].startswith("application/json"), answer.headers
    body = answer.json()
    if "position" in body:
        assert body["position"] and answer.headers["Kiroku-Position"] == body["position"]
    elif answer.request.method == "POST" and not answer.request.path_url.startswith("/auth/"):
        raise AssertionError(f"a write without a position: {answer.text}")
    return body


def refused(answer, status, code):
    """An error in both worlds' form: RFC 9457's members, and `error` for programs. Gives the error."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.path_url}: {answer.status_code} {answer.text}"
    assert answer.headers["Content-Type"].startswith(PROBLEM), answer.headers
    body = answer.json()
    assert set(body) >= {"type", "title", "status", "detail", "instance", "error"}, body
    assert body["status"] == status
    assert body["type"] and body["title"] and body["detail"]
    assert body["instance"] == answer.request.path_url.split("?")[0]
    error = body["error"]
    assert set(error) == {"code", "message", "details", "timestamp", "requestId", "retryable"}, error
    assert error["code"] == code, error
    assert error["message"] and isinstance(error["details"], dict)
    assert TIME.fullmatch(error["timestamp"])
    assert error["requestId"] and isinstance(error["retryable"], bool)
    assert not INTERNALS.search(answer.text), answer.text
    return error


def rfc3339(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def parse_time(text):
    assert TIME.fullmatch(text), text
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def timezone_where_it_is_noon():
    """So that a day ago is yesterday there, and 47 hours ago the day before."""
    offset = (12 - now().hour + 12) % 24 - 12  # hours to add; Etc's signs are the other way round
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def patience(seconds):
    """For machines that are slower than the one that this was written on."""
    return seconds * float(os.environ.get("KIROKU_PATIENCE", "1"))
