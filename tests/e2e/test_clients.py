# tests/e2e/test_clients.py: what both client libraries promise of HTTP, in Python, Node and a browser, with a bad line between.
import os
import signal
import threading
import time

import pytest

from client_fixtures import Client, at_once, host, proxy, site
from client_hosts import Failed
from proxy import problem
from verbs import run

__all__ = ["host", "proxy", "site"]
QUICK = {"pauseMs": 20, "longestPauseMs": 200}


@pytest.fixture
def client(host, proxy):
    return Client(host, proxy.url, patience=QUICK)


@pytest.fixture
def mika(client):
    return client.sign_up()


def test_what_was_written_is_read(mika, proxy, pomodoro):
    assert mika.call("showMyAccount")["body"]["email"] == mika.email
    done = [mika.practise(pomodoro) for _ in range(3)]
    read = mika.call("showMyProgress")
    assert read["status"] == 200 and read["body"]["totalXp"] == done[-1]["reward"]["totalXp"]
    sent = proxy.requests("/me/progress")[-1].headers["kiroku-min-position"].split(",")
    assert set(done[-1]["position"].split(",")) <= set(sent) and len({part.split("@")[0] for part in sent}) == len(sent)
    assert mika.collect("iterateMyXp", limit=1)[0]["totalXp"] == read["body"]["totalXp"]
    assert len(proxy.requests("/me/xp-history")) == len(mika.collect("iterateMyXp")) > 2


def test_lists_are_followed_page_by_page(mika, proxy, catalogue):
    known = sorted(item["id"] for item in catalogue["pomodoro"])
    assert sorted(item["id"] for item in mika.collect("iterateChallenges", type="pomodoro", limit=2)) == known
    assert len(proxy.requests("/challenges", "GET")) == -(-len(known) // 2)
    assert len(mika.collect("iterateChallenges", most=3, limit=2)) == 3


def test_lost_answers_do_no_harm(mika, proxy, pomodoro):
    """The gateway has done it, but nobody heard of it: the same wish again, not another one."""
    proxy.trouble("lost", "/sessions", 2)
    proxy.trouble("lost", "/complete", 2)
    done = mika.practise(pomodoro)
    for path in ("/sessions", "/complete"):
        tries = proxy.requests(path)
        assert len(tries) == 3 and len({(one.path, one.headers["idempotency-key"], one.headers["x-request-id"]) for one in tries}) == 1
    assert mika.call("showMyProgress")["body"]["totalXp"] == done["reward"]["totalXp"] == done["reward"]["xpAwarded"]
    session = mika.call("startSession", pomodoro["id"])
    assert session["replayed"] is False and session["body"]["id"] != done["session"]["id"]
    assert len({one.headers["idempotency-key"] for one in proxy.requests("/sessions")}) == 2


def test_a_wish_of_before_a_crash(mika, proxy, pomodoro):
    first = mika.call("startSession", pomodoro["id"], idempotencyKey="of-before")
    again = mika.call("startSession", pomodoro["id"], idempotencyKey="of-before")
    assert again["body"] == first["body"] and (first["replayed"], again["replayed"]) == (False, True)
    assert first["position"] == first["body"]["position"] and first["requestId"]


def test_lost_requests_and_reads(mika, proxy, pomodoro):
    proxy.trouble("dropped", "/sessions", 2)
    proxy.trouble("dropped", "/me", 3)
    assert mika.call("startSession", pomodoro["id"])["status"] == 201
    assert mika.call("showMyAccount")["status"] == 200


def test_retry_after_is_heeded(mika, proxy):
    proxy.refuse("/me", 503, Retry_After="1")
    began = time.monotonic()
    mika.call("showMyAccount")
    assert time.monotonic() - began >= 1 and proxy.statuses("/me") == [503, 200]


@pytest.mark.parametrize("status", [429, 502, 504])
def test_what_stands_between_is_too_busy(mika, proxy, status):
    proxy.refuse("/me", status, 2)
    mika.call("showMyAccount")
    assert proxy.statuses("/me") == [status, status, 200]


def test_refusals_are_told_at_once(mika, proxy, pomodoro):
    missing = mika.fails("Refused", "showSession", "01956780-0000-7000-8000-00000000dead", requestId="the-request")
    assert (missing.status, missing.code, missing.request_id, missing.retryable) == (404, "session_not_found", "the-request", False)
    invalid = mika.fails("Refused", "completeSession", mika.call("startSession", pomodoro["id"])["body"]["id"],
                         body={"performanceScore": 101, "completionTime": 60})
    assert (invalid.status, invalid.code, invalid.details["path"]) == (422, "invalid_request", "/performanceScore")
    assert proxy.statuses("/01956780-0000-7000-8000-00000000dead") == [404] and proxy.statuses("/complete") == [422]


def test_patience_ends_by_number(host, proxy):
    client = Client(host, proxy.url, patience=QUICK | {"attempts": 3})
    proxy.refuse("/auth/login", 503, 10)
    refused = client.fails("Refused", "logIn", body={"email": "a@example.org", "password": "x" * 9})
    assert (refused.status, refused.code, refused.retryable) == (503, "http_503", True)
    proxy.calm()
    proxy.trouble("dropped", "/auth/login", 10)
    client.fails("Unreachable", "logIn", body={"email": "a@example.org", "password": "x" * 9})
    tries = proxy.requests("/auth/login")
    assert len(tries) == 6 or host.name == "chromium", tries  # which repeats some by itself when a kept connection is cut
    assert len({one.headers["idempotency-key"] for one in tries}) == 2


def test_patience_ends_by_time(mika, proxy):
    proxy.trouble("held", "/me", 10, seconds=60)
    began = time.monotonic()
    mika.fails("Unreachable", "showMyAccount", timeoutMs=700)
    assert 0.6 < time.monotonic() - began < 40
    proxy.calm()
    proxy.refuse("/me", 503, 10, Retry_After="60")
    mika.fails("Refused", "showMyAccount")
    assert proxy.statuses("/me")[-1] == 503 and len(proxy.requests("/me")) == 2


def test_a_slow_answer_is_asked_for_again(host, proxy):
    client = Client(host, proxy.url, patience=QUICK | {"attemptMs": 3000})
    proxy.trouble("held", "/healthz", seconds=60)
    began = time.monotonic()
    assert client.call("showLife")["body"]["status"] == "ok"
    assert 3 <= time.monotonic() - began < 40 and len(proxy.requests("/healthz")) == 2


def test_a_copy_in_flight_is_waited_for(system, host, proxy, mika, pomodoro):
    """The decider stands still: the first attempt is given up here, but still worked on there."""
    if system is None:
        pytest.skip("stops a process of a system of its own")
    hasty = Client(host, proxy.url, patience=QUICK | {"attemptMs": 1000, "attempts": 3}, tokens=mika.tokens)
    decider = int((system.data / "run/decide.pid").read_text().split()[0])
    os.kill(decider, signal.SIGSTOP)
    threading.Timer(2.5, os.kill, (decider, signal.SIGCONT)).start()
    assert hasty.call("startSession", pomodoro["id"])["status"] == 201
    statuses = proxy.statuses("/sessions")
    assert statuses.count(409) >= 2 and 201 in statuses, statuses


def test_other_conflicts_are_not_waited_for(mika, proxy, pomodoro):
    proxy.trouble("answer", "/sessions", status=409, headers={"Content-Type": "application/problem+json"}, body=problem(409, "session_exists", False))
    assert mika.fails("Refused", "startSession", pomodoro["id"]).code == "session_exists"
    assert len(proxy.requests("/sessions")) == 1


# Tokens


def test_tokens_are_renewed_before_they_end(host, proxy, mika):
    resumed = Client(host, proxy.url, tokens=mika.tokens | {"endsAt": time.time() * 1000 + 500})
    time.sleep(0.6)
    resumed.call("showMyAccount")
    assert [seen.path for seen in proxy.seen[-2:]] == ["/auth/refresh", "/me"] and proxy.seen[-1].status == 200
    assert resumed.changed and resumed.tokens["refreshToken"] != mika.tokens["refreshToken"]
    assert resumed.tokens["endsAt"] > time.time() * 1000 + 60_000


def test_many_share_one_refresh(host, proxy, mika):
    """A token that the gateway refuses, though it should still be good; all who were refused wait for one new one."""
    resumed = Client(host, proxy.url, tokens=mika.tokens | {"accessToken": "a.b.c"})
    proxy.trouble("held", "/auth/refresh", seconds=0.5)
    answers = at_once(8, lambda: resumed.call("showMyAccount"))
    assert {answer["status"] for answer in answers} <= {200, 304}  # 304: a copy that another of them brought
    assert {answer["body"]["email"] for answer in answers} == {mika.email}
    assert proxy.statuses("/auth/refresh") == [200]
    assert sum(status in (200, 304) for status in proxy.statuses("/me")) == 8


def test_lost_answers_to_refresh(host, proxy, mika):
    """The same token, within the grace: the session lives, and goes on living."""
    resumed = Client(host, proxy.url, patience=QUICK, tokens=mika.tokens | {"endsAt": 0})
    proxy.trouble("lost", "/auth/refresh", 3)
    assert resumed.call("showMyAccount")["status"] == 200
    tries = proxy.requests("/auth/refresh")
    assert [one.status for one in tries] == [200] * 4 and len({(one.body, one.headers["idempotency-key"]) for one in tries}) == 1
    again = Client(host, proxy.url, tokens=resumed.tokens | {"endsAt": 0})
    assert again.call("showMyAccount")["status"] == 200


def test_a_token_that_is_still_good_is_used_while_refreshing_fails(host, proxy, mika):
    resumed = Client(host, proxy.url, patience=QUICK, tokens=mika.tokens | {"endsAt": time.time() * 1000 + 60_000})
    resumed.call("showMyAccount")
    assert not proxy.requests("/auth/refresh")
    nearly = Client(host, proxy.url, patience=QUICK, tokens=mika.tokens | {"endsAt": time.time() * 1000 + 12_000})
    time.sleep(9.8)
    proxy.refuse("/auth/refresh", 503, 50, Retry_After="20")
    assert nearly.call("showMyAccount")["status"] in (200, 304) and 503 in proxy.statuses("/auth/refresh")
    tries = len(proxy.requests("/auth/refresh"))
    assert nearly.call("showMyAccount")["status"] in (200, 304) and len(proxy.requests("/auth/refresh")) == tries


def test_who_is_logged_out_elsewhere(host, proxy, mika):
    other = Client(host, proxy.url, tokens=mika.tokens)
    other.call("logOut")
    assert other.tokens is None and other.changed is None
    mika.fails("SignedOut", "showMyAccount")
    assert mika.tokens is None and proxy.statuses("/auth/refresh") == [401]
    assert mika.fails("Refused", "showMyAccount").code == "unauthenticated"
    mika.log_in()
    assert mika.call("showMyAccount")["status"] == 200


def test_logging_out_of_what_is_over(host, proxy, mika):
    Client(host, proxy.url, tokens=mika.tokens).call("logOutEverywhere")
    assert mika.call("logOut")["status"] == 204 and mika.tokens is None


def test_wrong_credentials_are_no_reason_to_refresh(mika, proxy):
    refused = mika.fails("Refused", "logIn", body={"email": mika.email, "password": "not the password"})
    assert refused.code == "invalid_credentials" and not proxy.requests("/auth/refresh")
    assert mika.call("showMyAccount")["status"] == 200


# Other answers


def test_what_has_not_changed_is_not_sent_again(client, proxy):
    first, again = client.call("showOpenApi"), client.call("showOpenApi")
    assert proxy.statuses("/openapi.json") == [200, 304] and again["body"] == first["body"] and first["body"]["openapi"] == "3.1.0"


def test_answers_that_are_no_json(client):
    assert "kiroku_" in client.call("showMetrics")["body"]


def test_a_second_answer_of_a_route_is_no_refusal(client, proxy):
    proxy.trouble("answer", "/readyz", status=503, headers={"Content-Type": "application/json"}, body='{"status":"unavailable"}')
    answer = client.call("showReadiness")
    assert answer["status"] == 503 and answer["body"]["status"] == "unavailable" and len(proxy.requests("/readyz")) == 1


def test_analysts_read_the_log(mika, proxy, env, pomodoro):
    assert mika.fails("Refused", "streamEvents").code == "forbidden"
    run("roles", "grant", mika.email, "analyst", env=env)
    mika.practise(pomodoro)
    mika.log_in()
    mine = f"user/{mika.tokens['userId']}"
    events = mika.collect("iterateEvents", actor=mine, limit=2)
    assert {"challenges.session_started.v1", "challenges.session_completed.v1"} <= {event["type"] for event in events}
    assert len({event["id"] for event in events}) == len(events) and len(proxy.requests("/analytics/events")) > 2
    assert len(mika.collect("iterateEvents", most=1, actor=mine)) == 1


def test_a_caller_gives_up(mika, proxy, host):
    if host.name == "python":
        pytest.skip("Python has no AbortSignal")
    proxy.trouble("held", "/me", seconds=60)
    began = time.monotonic()
    with pytest.raises(Failed, match="AbortError"):
        host.ask("aborted", client=mika.name, method="showMyAccount", args=[], ms=300)
    assert time.monotonic() - began < 40
