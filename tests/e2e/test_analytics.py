# tests/e2e/test_analytics.py: roles, and GET /analytics/events: the log for analysts, page by page.
import http.client
import json
import signal
import socket
import time
import urllib.parse
import uuid

import pytest

from api import Learner, ok, patience, refused
from push import Push
from test_metrics import samples, total
from verbs import events, run

BULK = 240  # challenges of 50 kB

WITHHELD = {"identity.user_registered.v1": {"emailClaimId", "email", "displayName", "credential"},
            "challenges.session_progressed.v1": {"distractionEvents", "sessionData"}}


def role(env, what, who, name="analyst", **more):
    return json.loads(run("roles", what, who, name, "--json", env=env, **more)[0])


def refresh(learner):
    learner.take(ok(learner.post("/auth/refresh", {"refreshToken": learner.refresh_token}, token=None), 200))


def comes_to(state, seconds=30):
    until = time.monotonic() + patience(seconds)
    while not state():
        assert time.monotonic() < until
        time.sleep(0.1)


def refresh_until(learner, status):
    """Roles are in the next token once the read model has them."""
    def reached():
        refresh(learner)
        with learner.get("/analytics/events", params={"limit": 1}) as answer:
            return answer.status_code == status
    comes_to(reached)


@pytest.fixture
def ana(env, new_learner):
    analyst = new_learner(name="Ana")
    assert role(env, "grant", analyst.user_id)["changed"]
    refresh_until(analyst, 200)
    return analyst


def page(analyst, **query):
    """(events, control line)"""
    answer = analyst.get("/analytics/events", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.split("\n") if line]
    control = lines.pop()
    assert control["type"] == "kiroku.page.v1" and control["events"] == len(lines)
    return lines, control


def pages(analyst, between=lambda: None, **query):
    found = []
    while True:
        lines, control = page(analyst, **query)
        found += lines
        query["cursor"] = control["nextCursor"]
        if control["complete"]:
            return found
        between()


def shown(found):
    """What analysts see of what the log holds."""
    kept = [event for event in found if event["type"] not in ("identity.email_claimed.v1", "identity.access_audited.v1")]
    for event in kept:
        event["data"] = {name: value for name, value in event["data"].items() if name not in WITHHELD.get(event["type"], ())}
    return kept


def open_streams(api):
    return total(samples(api.url), "kiroku_event_streams")


def test_a_role_is_granted_and_revoked_by_address_or_id_and_the_log_tells_by_whom(env, new_learner):
    ana = new_learner(name="Ana")
    assert role(env, "grant", ana.email.upper()) == {"userId": ana.user_id, "role": "analyst", "changed": True}
    assert role(env, "grant", ana.user_id) == {"userId": ana.user_id, "role": "analyst", "changed": False}
    assert run("roles", "grant", ana.email, "operator", env=env)[0] == f"{ana.email} is now operator\n"

    def listed(*who):
        return {one["userId"]: one for one in json.loads(run("roles", "list", *who, "--json", env=env)[0])}

    comes_to(lambda: listed(ana.email)[ana.user_id]["roles"] == ["analyst", "operator"])
    assert listed()[ana.user_id]["email"] == ana.email
    assert "analyst operator" in run("roles", "list", ana.user_id, env=env)[0]
    assert role(env, "revoke", ana.email)["changed"] and not role(env, "revoke", ana.email)["changed"]
    comes_to(lambda: listed(ana.email)[ana.user_id]["roles"] == ["operator"])
    told = [(event["type"], event["data"]["role"], event["actor"]) for event in events(env, "identity", "--subject", f"user/{ana.user_id}") if "role" in event["data"]]
    assert [(kind, name) for kind, name, _ in told] == [("identity.role_granted.v1", "analyst"), ("identity.role_granted.v1", "operator"), ("identity.role_revoked.v1", "analyst")]
    assert all(actor.startswith("operator/") for _, _, actor in told)


def test_roles_that_there_are_not_and_users_that_there_are_not(env, mika):
    assert "analyst and operator" in run("roles", "grant", mika.email, "king", env=env, expect=2)[1]
    assert "There is no role learner" in run("roles", "grant", mika.email, "learner", env=env, expect=2)[1]
    assert "nobody@example.org" in run("roles", "grant", "nobody@example.org", "analyst", env=env, expect=2)[1]
    stranger = str(uuid.uuid4())
    assert stranger in run("roles", "revoke", stranger, "analyst", env=env, expect=2)[1]
    assert "Say `list`" in run("roles", "promote", mika.email, env=env, expect=2)[1]


def test_learners_may_not_and_a_revoked_analyst_may_no_longer(env, mika, ana):
    refused(mika.get("/analytics/events"), 403, "forbidden")
    refused(mika.get("/analytics/events", token=None), 401, "unauthenticated")
    assert role(env, "revoke", ana.email)["changed"]
    refresh_until(ana, 403)
    refused(ana.get("/analytics/events"), 403, "forbidden")


def test_an_analyst_pages_through_all_of_the_log_while_it_grows(env, ana, mika, pomodoro):
    position = ok(mika.post(f"/challenges/{pomodoro['id']}/sessions"), 201)["position"]
    first, _ = page(ana, limit=1)
    found = pages(ana, lambda: mika.practise(pomodoro), limit=40)
    until = {}
    for event in found:
        until[event["subject"]] = max(until.get(event["subject"], 0), int(event["aggregateversion"]))
    # Whatever came after the last page was asked for is not in it.
    expected = [event for event in shown(events(env)) if int(event["aggregateversion"]) <= until.get(event["subject"], 0)]
    key = lambda event: event["id"]  # noqa: E731
    assert sorted(found, key=key) == sorted(expected, key=key) and first == found[:1] and position
    assert len({event["id"] for event in found}) == len(found)
    assert len(found) > 40


def test_without_anything_new_pages_are_what_kiroku_events_prints(env, ana, mika, pomodoro):
    mika.practise(pomodoro)
    who = f"learner/{mika.user_id}"
    comes_to(lambda: events(env, "gamification", "--subject", who, "--type", "xp_awarded"))
    assert pages(ana, subject=who, limit=1) == events(env, "--subject", who)
    assert pages(ana, context="gamification", where="data.amount > 0", type="xp_awarded", subject=who) == events(env, "gamification", "--type", "xp_awarded", "--where", "data.amount > 0", "--subject", who)
    since = events(env, "--subject", who)[0]["time"]
    assert pages(ana, since=since, until="0s", subject=who)[0]["time"] == since


def test_nothing_secret_or_personal_is_shown_or_can_be_asked_for(env, ana, mika):
    answer = ana.get("/analytics/events", params={"context": "identity", "limit": 100_000})
    assert answer.status_code == 200 and f"user/{mika.user_id}" in answer.text
    for private in (mika.email, mika.name + '"', "credential", "emailClaimId", "email_claim", "argon"):
        assert private not in answer.text, private
    everything = events(env, "identity", "--subject", f"user/{mika.user_id}")
    credential = everything[0]["data"]["credential"]
    assert credential not in answer.text
    for where in (f'data.email == "{mika.email}"', "data.credential != null", 'data contains "x" || data.email contains "@"', 'type == "identity.email_claimed.v1"'):
        assert page(ana, where=where)[0] == []
    claim = events(env, "identity", "--type", "email_claimed")[0]["subject"]
    assert page(ana, subject=claim)[0] == []


@pytest.mark.parametrize("query, culprit, says", [
    ({"where": "data.amount >"}, "where", "column 14"), ({"where": "nonsense == 1"}, "where", "column 1"), ({"context": "cooking"}, "context", "gamification"),
    ({"since": "yesterday"}, "since", "expected a time"), ({"since": "gamification/999@1"}, "since or until", "gamification/999"),
    ({"cursor": "AAAA"}, "cursor", "given out"), ({"sample": "7"}, "sample", "0.01"), ({"limit": "0"}, "limit", "100000")])
def test_what_makes_no_sense_is_refused_before_anything_is_sent(ana, query, culprit, says):
    error = refused(ana.get("/analytics/events", params=query), 400, "invalid_parameter")
    assert error["details"]["parameter"] == culprit and says in error["details"]["problem"]


def test_a_cursor_is_for_its_own_filters_and_for_any_gateway(ana, new_gateway):
    _, control = page(ana, limit=1)
    refused(ana.get("/analytics/events", params={"cursor": control["nextCursor"], "type": "xp_awarded"}), 400, "invalid_parameter")
    refused(ana.get("/analytics/events", params={"follow": "true"}), 400, "unknown_parameter")
    here, _ = page(ana, limit=3, cursor=control["nextCursor"])
    ana.api = new_gateway().api
    assert page(ana, limit=3, cursor=control["nextCursor"])[0] == here


def ask(api, analyst, **query):
    """A request whose answer nobody reads."""
    where = urllib.parse.urlsplit(api.url)
    client = socket.create_connection((where.hostname, where.port), timeout=30)
    target = "/analytics/events?" + urllib.parse.urlencode(query)
    client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {analyst.access}\r\n\r\n".encode())
    return client


@pytest.fixture(scope="session")
def bulk(api):
    """More of the log than sockets can hold."""
    writer = Learner(api, name="Writer")
    writer.register()
    writer.log_in()
    for number in range(BULK):
        challenge = {"type": "custom", "title": f"Long {number}", "description": "Reads for ever.", "difficulty": 1, "estimatedDuration": 5, "instructions": ["x" * 2000] * 25}
        ok(writer.post("/challenges", challenge), 201)


@pytest.mark.usefixtures("bulk")
def test_a_client_that_stalls_holds_a_place_until_it_hangs_up(api, env, ana):
    comes_to(lambda: open_streams(api) == 0)
    stalled = [ask(api, ana, limit=100_000) for _ in range(2)]
    comes_to(lambda: open_streams(api) == 2)
    busy = ana.get("/analytics/events", params={"limit": 1})
    refused(busy, 429, "too_many_requests")
    assert busy.headers["Retry-After"] == "1"
    assert total(samples(api.url), "kiroku_event_streams_refused_total") >= 1
    assert ana.get("/me").status_code == 200
    for client in stalled:
        client.close()
    comes_to(lambda: open_streams(api) == 0)
    assert page(ana, limit=1)[0]


@pytest.mark.usefixtures("bulk")
def test_a_gateway_that_stops_ends_a_stream_with_its_cursor(env, ana, new_gateway):
    gateway = new_gateway()
    client = ask(gateway.api, ana, limit=100_000)
    comes_to(lambda: open_streams(gateway.api) == 1)
    gateway.process.send_signal(signal.SIGTERM)
    answer = http.client.HTTPResponse(client)
    answer.begin()
    lines = [json.loads(line) for line in answer.read().decode().split("\n") if line]
    control = lines.pop()
    assert control["type"] == "kiroku.page.v1" and control["events"] == len(lines)
    assert (control["ended"], control["complete"]) in (("draining", False), ("end", True))
    rest = pages(ana, cursor=control["nextCursor"])
    assert not {event["id"] for event in lines} & {event["id"] for event in rest}
    assert gateway.process.wait(30) == 0


def test_the_sockets_of_who_loses_a_role_are_closed_and_they_may_come_back(env, api, ana, mika):
    with Push(api).authenticate(ana) as push, Push(api).authenticate(mika) as other:
        push.subscribe("me")
        other.subscribe("me")
        role(env, "revoke", ana.user_id)
        assert push.close_code() == 4403
        assert other.closed is None
    refresh(ana)
    with Push(api).authenticate(ana) as again:
        again.subscribe("me")
