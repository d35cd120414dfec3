# tests/e2e/test_rate_limits.py: who asks too often is told how long to wait, on one gateway and on two; nobody else notices.
import concurrent.futures
import os
import re
import subprocess
import time
import uuid

import pytest
import requests

from api import Learner, ok, patience, refused
from conftest import PROGRAM
from push import Push

LIMITS = "--rate-limits"


def limit_of(answer):
    """(class, quota, seconds, remaining, seconds until it is whole), of the bucket that is told of first"""
    policy = re.fullmatch(r'"(\w+)";q=(\d+);w=(\d+)', answer.headers["RateLimit-Policy"].split(", ")[0])
    limit = re.fullmatch(r'"(\w+)";r=(\d+);t=(\d+)', answer.headers["RateLimit"].split(", ")[0])
    assert policy[1] == limit[1]
    return (policy[1], int(policy[2]), int(policy[3]), int(limit[2]), int(limit[3]))


def at(learner, gateway):
    other = Learner(gateway.api)
    other.email, other.password, other.user_id, other.access = learner.email, learner.password, learner.user_id, learner.access
    return other


def is_refused(answer, policy):
    error = refused(answer, 429, "too_many_requests")
    assert error["retryable"] is True and error["details"] == {"policy": policy}
    assert int(answer.headers["Retry-After"]) >= 1 and limit_of(answer)[0] == policy
    return int(answer.headers["Retry-After"])


def test_each_user_has_buckets_of_their_own_and_waiting_helps(mika, new_learner, new_gateway):
    gateway = new_gateway(PROGRAM, LIMITS, "read=20/20,command=5/5")
    here = at(mika, gateway)
    left = [limit_of(here.get("/me/progress"))[3] for _ in range(20)]
    assert left == sorted(left, reverse=True) and left[0] == 19 and left[-1] <= 3
    while (answer := here.get("/me/progress")).status_code == 200:
        pass
    wait = is_refused(answer, "read")
    ok(here.post("/challenges", {"type": "custom", "title": "Walk", "difficulty": 1, "estimatedDuration": 10}), 201)
    ok(at(new_learner(), gateway).get("/me/progress"), 200)
    time.sleep(wait)
    ok(here.get("/me/progress"), 200)


def test_operators_and_readers_of_the_contract_are_never_limited(new_gateway):
    gateway = new_gateway(PROGRAM, LIMITS, "all=1/60")
    for path in ("/healthz", "/metrics", "/openapi.json", "/.well-known/jwks.json"):
        for _ in range(5):
            answer = gateway.api.send("GET", path)
            assert answer.status_code == 200 and "RateLimit" not in answer.headers


def test_guesses_at_one_password_are_few_whatever_the_address_and_the_account_is_still_used(mika, new_gateway):
    gateway = new_gateway(PROGRAM, LIMITS, "login=3/600", "--trusted-proxies", "127.0.0.1")
    here = at(mika, gateway)

    def log_in(email, password, number):
        return gateway.api.send("POST", "/auth/login", json={"email": email, "password": password},
                                headers={"X-Forwarded-For": f"198.51.100.{number}"})

    for number in range(3):
        refused(log_in(mika.email, "not the password", number), 401, "invalid_credentials")
    is_refused(log_in(mika.email, "not the password", 4), "login")
    is_refused(log_in(mika.email.upper(), mika.password, 5), "login")
    ok(here.get("/me"), 200)
    nobody = f"nobody-{uuid.uuid4()}@example.org"
    for number in range(3):
        refused(log_in(nobody, "x" * 12, number), 401, "invalid_credentials")
    is_refused(log_in(nobody, "x" * 12, 4), "login")


def test_addresses_count_for_who_is_not_signed_in_and_strangers_cannot_choose_theirs(new_gateway):
    gateway = new_gateway(PROGRAM, LIMITS, "auth=3/60,denied=3/60")
    headers = lambda number: {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
    for number in range(3):
        answer = gateway.api.send("POST", "/auth/refresh", json={"refreshToken": "x"}, headers=headers(number))
        refused(answer, 401, "invalid_refresh_token")
        refused(gateway.api.send("GET", "/me", headers=headers(number) | {"Authorization": f"Bearer {number}"}), 401, "invalid_token")
    is_refused(gateway.api.send("POST", "/auth/refresh", json={"refreshToken": "x"}, headers=headers(9)), "auth")
    is_refused(gateway.api.send("GET", "/me", headers=headers(9) | {"Authorization": "Bearer x"}), "denied")


def test_two_gateways_give_no_more_than_one(mika, new_gateway):
    """Whoever asks both as fast as they can gets the quota, what filled up meanwhile, and one for rounding."""
    quota, window = 61, 30
    gateways = [new_gateway(PROGRAM, LIMITS, f"read={quota}/{window}", "--gateways", "2") for _ in range(2)]
    began = time.monotonic()

    def ask(gateway):
        given, until = 0, began + patience(8)
        with requests.Session() as session:
            while time.monotonic() < until:
                answer = session.get(gateway.api.url + "/me/progress", headers=mika.headers("own"), timeout=30)
                given += answer.status_code == 200
                assert answer.status_code in (200, 429)
        return given

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        given = sum(pool.map(ask, gateways))
    took = time.monotonic() - began
    assert quota <= given <= quota + 1 + quota * took / window, (given, took)


def test_websockets_of_one_address_are_counted(new_gateway):
    gateway = new_gateway(PROGRAM, LIMITS, "stream=2/600", "--connections-per-address", "4")
    for _ in range(2):
        Push(gateway.api).close()
    with pytest.raises(Exception, match="429"):
        Push(gateway.api)


def test_what_makes_no_sense_is_said_at_the_start(env):
    for options, said in ((("--rate-limits", "everything=5/60"), "everything"), (("--trusted-proxies", "nowhere"), "trusted prox"),
                          (("--tls-certificate", "/nowhere.pem"), "TLS certificate")):
        ended = subprocess.run([PROGRAM, "gateway", "--port", "0", *options], env=os.environ | env, capture_output=True, text=True,
                               timeout=60, check=False)
        assert ended.returncode == 3 and said in ended.stderr + ended.stdout, ended
