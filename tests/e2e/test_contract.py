# tests/e2e/test_contract.py: what is promised is well-formed, is what is served, and is what happens on every wire.
import json
import re
import subprocess

import jsonschema
import pytest
import requests

from api import ok
from conftest import ROOT
from contract import BrokenContract, Contract
from push import listening
from stream import Stream
from verbs import SECONDS, run

TOOLS = ROOT / ".build/python/bin"
ASYNCAPI = ROOT / ".build/asyncapi/node_modules/@asyncapi/specs/schemas/3.0.0.json"
PROBLEM = "application/problem+json"


def printed(document):
    return json.loads(run("contract", document)[0])


@pytest.fixture(scope="session")
def openapi():
    return printed("openapi")


@pytest.fixture(scope="session")
def asyncapi():
    return printed("asyncapi")


def references(value):
    if isinstance(value, dict):
        found = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return found + [ref for inner in value.values() for ref in references(inner)]
    return [ref for inner in value for ref in references(inner)] if isinstance(value, list) else []


def resolved(document, ref):
    value = document
    for part in ref.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def fits(document, schema, value):
    whole = {"components": document["components"], **schema}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


# The documents


def test_openapi_is_valid_by_the_specification(openapi, tmp_path):
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(openapi))
    said = subprocess.run([TOOLS / "openapi-spec-validator", file], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert said.returncode == 0 and "OK" in said.stdout, said.stdout + said.stderr
    file.write_text(json.dumps(openapi | {"paths": {"/me": {"get": {"responses": "none"}}}}))
    assert subprocess.run([TOOLS / "openapi-spec-validator", file], capture_output=True, timeout=SECONDS, check=False).returncode != 0


@pytest.mark.parametrize("document", ["openapi", "asyncapi"])
def test_references_lead_somewhere_and_schemas_are_schemas(document):
    whole = printed(document)
    for ref in references(whole):
        resolved(whole, ref)
    for schema in whole["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_asyncapi_is_valid_by_the_specification(asyncapi, tmp_path):
    def ended(document):
        file = tmp_path / "asyncapi.json"
        file.write_text(json.dumps(document))
        return subprocess.run([TOOLS / "python", "-m", "jsonschema", "-i", file, ASYNCAPI], capture_output=True, text=True,
                              timeout=SECONDS, check=False)

    said = ended(asyncapi)
    assert said.returncode == 0, said.stdout + said.stderr
    operation = asyncapi["operations"]["hearClients"]
    for broken in (asyncapi | {"channels": {"websocket": {"adress": "/ws"}}}, asyncapi | {"servers": {"gateway": {"protocol": "ws"}}},
                   asyncapi | {"operations": {"hearClients": operation | {"action": "publish"}}}):
        assert ended(broken).returncode == 1


def test_bodies_have_examples_that_fit(openapi):
    checked = 0
    for operations in openapi["paths"].values():
        for operation in operations.values():
            told = [operation["requestBody"]] if "requestBody" in operation else []
            for part in told + list(operation["responses"].values()):
                content = part.get("content", {}).get("application/json", {})
                if "example" in content:
                    fits(openapi, content["schema"], content["example"])
                    checked += 1
    assert checked > 20


def test_messages_are_whole(asyncapi):
    assert asyncapi["asyncapi"] == "3.0.0"
    used = set()
    for operation in asyncapi["operations"].values():
        assert operation["action"] in ("send", "receive")
        channel = resolved(asyncapi, operation["channel"]["$ref"])
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")
            name = message["$ref"].split("/")[-1]
            assert channel["messages"][name] == {"$ref": f"#/components/messages/{name}"}
            used.add(name)
    assert used == set(asyncapi["components"]["messages"])
    for message in asyncapi["components"]["messages"].values():
        assert message["name"] and message["summary"]
        for example in message.get("examples", []):
            fits(asyncapi, message["payload"], example["payload"])


def test_what_is_served_is_what_is_printed(api, openapi, asyncapi):
    assert api.send("GET", "/openapi.json").json() == openapi
    assert api.send("GET", "/asyncapi.json").json() == asyncapi
    page = api.send("GET", "/catalogue").text
    markdown = run("contract", "events")[0]
    events = re.findall(r"^### (\S+)$", markdown, re.M)
    assert len(events) > 10 and events == re.findall(r'<article id="([^"]+)">', page)
    assert "read model leaderboard" in markdown and "policy gamification.record_activity" in page


def test_pages_load_only_what_is_served_here(api):
    for page in ("/docs", "/docs/messages", "/catalogue"):
        answer = api.send("GET", page)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        for path in re.findall(r'(?:src|href)="(?!data:)([^"#]+)"', answer.text):
            assert path.startswith("/") and api.send("GET", path).status_code == 200
    assert "SwaggerUIBundle" in api.send("GET", "/docs/swagger-ui-bundle.js").text


# What happens


def test_records_are_as_promised(env, asyncapi, trained):
    """Each record of the topics fits the message of its type; a fence, which says nothing, has no subject."""
    seen = set()
    for name, channel in asyncapi["channels"].items():
        if "kafka" not in channel["bindings"]:
            continue
        shown = subprocess.run(["kcat", "-C", "-q", "-e", "-b", env["KIROKU_KAFKA"], "-t", channel["address"]],
                               capture_output=True, text=True, timeout=SECONDS, check=True).stdout.strip().split("\n")
        for record in map(json.loads, shown):
            if "subject" not in record:
                continue
            assert record["type"] in channel["messages"], record
            fits(asyncapi, asyncapi["components"]["messages"][record["type"]]["payload"], record)
            seen.add((name, record["type"]))
    assert ("gamification.events", "gamification.xp_awarded.v1") in seen
    assert ("challenges.commands", "challenges.complete_session.v1") in seen
    assert len(seen) >= 10


def test_pushed_messages_are_as_promised(api, asyncapi, mika, pomodoro):
    push, subscribed = listening(api, mika)
    with push:
        mika.practise(pomodoro)
        push.wait_for_event("me", "xp_awarded")
        messages = [subscribed, *push.messages]
    for message in messages:
        name = f"ws.{message['type']}.v1"
        assert name in asyncapi["channels"]["websocket"]["messages"]
        fits(asyncapi, asyncapi["components"]["messages"][name]["payload"], message)
    assert len(messages) > 3


def test_all_that_can_be_said_and_told_is_as_promised(api, asyncapi, new_learner, mika, pomodoro):
    """Presence, typing, acknowledgements and errors, and what a stream of events tells."""
    channel, session = f"challenge:{pomodoro['id']}", mika.start(pomodoro)
    said = [{"type": "publish", "id": "a", "message": {"type": "record_progress", "sessionId": session["id"], "progress": {}}},
            {"type": "publish", "id": "b", "message": {"type": "show_typing", "channel": channel}},
            {"type": "publish", "id": "c", "message": {"type": "show_typing", "channel": "me"}}]
    yuki = new_learner()
    push, subscribed = listening(api, mika, channel)
    with push, Stream(api, yuki, channel) as stream:
        push.wait_for_members(channel, {mika.user_id, yuki.user_id})
        for message in said:
            push.say(message)
            push.answered(message["id"])
        stream.wait_for(lambda: stream.of_kind("typing"))
        ok(yuki.post("/auth/logout"), 204)
        stream.closed()
        push.wait_for_members(channel, {mika.user_id})
    told = {"websocket": [subscribed, *push.messages, *said], "stream": stream.messages}
    for name, messages in told.items():
        for message in messages:
            kind = f"ws.{message['type']}.v1"
            assert kind in asyncapi["channels"][name]["messages"]
            fits(asyncapi, asyncapi["components"]["messages"][kind]["payload"], message)
    assert {"ack", "error", "presence", "presence_changed"} <= {message["type"] for message in push.messages}
    assert {"subscribed", "presence", "typing", "close"} <= {message["type"] for message in stream.messages}


# The check that all tests go through can fail


class Answer:
    def __init__(self, method, path, status, body=None, media="application/json", **headers):
        self.request = requests.Request(method, "http://localhost" + path).prepare()
        self.status_code = status
        self.text = "" if body is None else json.dumps(body)
        self.content = self.text.encode()
        self.headers = {"Content-Type": media, "X-Request-Id": "x"} | headers

    def json(self):
        return json.loads(self.text)


HEALTHY = {"status": "ok", "checks": []}
PROBLEM_BODY = {"type": "urn:x", "title": "Not Found", "status": 404,
                "error": {"code": "not_found", "message": "x", "timestamp": "2026-03-06T12:00:00.000Z", "requestId": "x", "retryable": False}}


def test_what_is_promised_passes(openapi):
    contract = Contract(openapi)
    contract.check(Answer("GET", "/healthz?", 200, HEALTHY))
    contract.check(Answer("HEAD", "/healthz", 200))
    contract.check(Answer("GET", "/nowhere", 404, PROBLEM_BODY, PROBLEM))


@pytest.mark.parametrize("answer", [
    Answer("GET", "/healthz", 201, HEALTHY), Answer("GET", "/healthz", 200, {"status": "well"}), Answer("GET", "/healthz", 200),
    Answer("GET", "/healthz", 200, HEALTHY, "text/plain"), Answer("POST", "/healthz", 200, HEALTHY), Answer("GET", "/nowhere", 200, {}),
    Answer("GET", "/nowhere", 404, {"error": "no"}, PROBLEM), Answer("GET", "/me", 404, PROBLEM_BODY, PROBLEM),
    Answer("GET", "/challenges/x", 404, PROBLEM_BODY | {"error": PROBLEM_BODY["error"] | {"code": "email_taken"}}, PROBLEM),
    Answer("GET", "/openapi.json", 200, {})])
def test_what_is_not_promised_fails(openapi, answer):
    with pytest.raises(BrokenContract):
        Contract(openapi).check(answer)
