# tests/e2e/test_traces.py: what all processes tell a collector of traces, and what nobody must be told of: personal data.
import collections
import http.server
import json
import re
import threading
import time
import uuid

import pytest
import requests

from api import Api, Learner, ok, patience, refused
from conftest import System, warm_up
from push import listening
from stream import Stream
from test_metrics import SILENT, samples
from verbs import events, run

TRACE, SPAN = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{16}")
TRACEPARENT = re.compile("00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")
NANOSECONDS = re.compile(r"[1-9]\d{18}")
SERVICES = {"kiroku-gateway", "kiroku-decide", "kiroku-react", "kiroku-project"}


class Collector:
    """Takes OTLP/HTTP as an OpenTelemetry collector does, and keeps what it was told."""

    def __init__(self):
        collector = self
        self.bodies, self.spans = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802 the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, self.headers["Content-Type"], body.decode())
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, path, kind, body):
        self.bodies.append((path, kind, body))
        for resource in json.loads(body)["resourceSpans"]:
            service = attributes(resource["resource"])["service.name"]
            for scope in resource["scopeSpans"]:
                self.spans += [(service, span) for span in scope["spans"]]

    def of(self, trace):
        return [(service, span) for service, span in list(self.spans) if span["traceId"] == trace]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def attributes(of):
    """Name → value. An integer is a decimal string on the wire."""
    told = {}
    for one in of["attributes"]:
        ((kind, value),) = one["value"].items()
        assert kind in ("stringValue", "intValue") and isinstance(value, str), one
        told[one["key"]] = int(value) if kind == "intValue" else value
    return told


def wait_for(condition, what="it", seconds=40):
    until = time.monotonic() + patience(seconds)
    while not (found := condition()):
        assert time.monotonic() < until, what() if callable(what) else what
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def collector():
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture(scope="module")
def traced(tmp_path_factory, collector):
    """A system that exports all it does, and logs as much as it can."""
    system = System(tmp_path_factory.mktemp("traced"), {"KIROKU_OTLP": collector.url, "KIROKU_LOG_LEVEL": "debug",
                                                        "KIROKU_LOG_FORMAT": "json", "KIROKU_ACCESS_LOG": "true"})
    warm_up(Api(system.url()))
    yield system
    if system.process.poll() is None:
        system.stop()


@pytest.fixture(scope="module")
def learner(traced):
    learner = Learner(Api(traced.url()), name="Trace")
    learner.register()
    learner.log_in()
    return learner


@pytest.fixture(scope="module")
def challenge(learner):
    return wait_for(learner.challenges)[0]


def complete(learner, challenge, request, traceparent=None):
    session = learner.start(challenge)
    headers = learner.headers("own") | {"X-Request-Id": request, "Idempotency-Key": str(uuid.uuid4())}
    if traceparent:
        headers["traceparent"] = traceparent
    answer = learner.api.send("POST", f"/challenge-sessions/{session['id']}/complete", headers=headers,
                              json={"performanceScore": 80, "completionTime": 1500})
    assert answer.status_code == 200, answer.text


def new_traceparent(sampled=True):
    trace, span = uuid.uuid4().hex, uuid.uuid4().hex[16:]
    return trace, span, f"00-{trace}-{span}-{'01' if sampled else '00'}"


def test_one_request_is_one_connected_trace_through_all_processes(traced, collector, learner, challenge):
    trace, client, traceparent = new_traceparent()
    request = f"test-{uuid.uuid4()}"
    push, _ = listening(learner.api, learner)
    complete(learner, challenge, request, traceparent)
    push.wait_for_event("me", "xp_awarded", patience(20))
    push.close()

    def whole():
        names = collections.Counter(span["name"] for _, span in collector.of(trace))
        return {service for service, _ in collector.of(trace)} == SERVICES and names["push"] >= 2 and names["project leaderboard"] and names["project progress"]

    wait_for(whole, lambda: [(service, span["name"]) for service, span in collector.of(trace)])
    spans = [span for _, span in collector.of(trace)]
    ids = [span["spanId"] for span in spans]
    assert len(ids) == len(set(ids)) and client not in ids
    roots = [span for span in spans if span["parentSpanId"] == client]
    assert [span["name"] for span in roots] == ["POST /challenge-sessions/{id}/complete"] and roots[0]["kind"] == 2
    assert attributes(roots[0]) == {"http.request.method": "POST", "http.route": "/challenge-sessions/{id}/complete",
                                    "http.response.status_code": 200, "kiroku.request_id": request}
    assert all(span["parentSpanId"] in ids for span in spans if span is not roots[0]), spans
    assert all(int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) for span in spans)
    kinds = {span["name"].split(" ")[0]: span["kind"] for span in spans}
    assert kinds == {"POST": 2, "command": 3, "decide": 5, "react": 4, "project": 5, "push": 4}
    by_name = {span["name"]: span for span in spans}
    assert attributes(by_name["command challenges.complete_session.v1"])["kiroku.outcome"] == "accepted"
    assert attributes(by_name["decide challenges.complete_session.v1"])["kiroku.events"] == 1
    told = json.loads(run("trace", request, "--json", env=traced.env())[0])
    assert told["traces"] == [trace]
    command = told["commands"][0]
    assert command["traceparent"] == f"00-{trace}-{by_name['command challenges.complete_session.v1']['spanId']}-01"
    assert command["events"][0]["event"]["traceparent"] == command["traceparent"]


def test_a_trace_begins_at_the_gateway_where_none_is_named(traced, collector, learner, challenge):
    for sent in (None, "00-not-a-traceparent-01"):
        request = f"test-{uuid.uuid4()}"
        complete(learner, challenge, request, sent)
        (trace,) = json.loads(run("trace", request, "--json", env=traced.env())[0])["traces"]
        wait_for(lambda: any(span["kind"] == 2 for _, span in collector.of(trace)))
        (server,) = [span for _, span in collector.of(trace) if span["kind"] == 2]
        assert "parentSpanId" not in server and attributes(server)["kiroku.request_id"] == request


def test_what_its_caller_does_not_sample_is_not_exported(traced, collector, learner, challenge):
    quiet, _, unsampled = new_traceparent(sampled=False)
    loud, _, sampled = new_traceparent()
    complete(learner, challenge, f"test-{uuid.uuid4()}", unsampled)
    complete(learner, challenge, f"test-{uuid.uuid4()}", sampled)
    wait_for(lambda: {service for service, _ in collector.of(loud)} == SERVICES)
    assert not collector.of(quiet)


def test_every_body_is_otlp(collector, learner):
    wait_for(lambda: len(collector.spans) > 10)
    for path, kind, body in collector.bodies:
        assert path == "/v1/traces" and kind == "application/json"
        assert set(json.loads(body)) == {"resourceSpans"}
    for _, span in list(collector.spans):
        assert set(span) - {"parentSpanId", "status"} == {"traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes"}
        assert TRACE.fullmatch(span["traceId"]) and SPAN.fullmatch(span["spanId"]) and SPAN.fullmatch(span.get("parentSpanId", span["spanId"]))
        assert NANOSECONDS.fullmatch(span["startTimeUnixNano"]) and NANOSECONDS.fullmatch(span["endTimeUnixNano"])
        assert span["name"] and span["kind"] in (1, 2, 3, 4, 5)
        attributes(span)


def lines_of(system):
    return [json.loads(line) for line in system.log.read_text().splitlines() if line.startswith("{")]


@pytest.mark.parametrize("sampled", [True, False])
def test_a_push_names_the_trace_of_the_request_that_led_to_it(traced, learner, challenge, sampled):
    """From the request through command, event and row to the push: over both wires, as the log has it."""
    trace, _, traceparent = new_traceparent(sampled)
    push, _ = listening(learner.api, learner)
    public, _ = listening(learner.api, learner, "leaderboard:global")
    with push, public, Stream(learner.api, learner) as stream:
        stream.subscribed()
        complete(learner, challenge, f"test-{uuid.uuid4()}", traceparent)
        pushed = {event["id"]: event for event in push.wait_for_event("me", "xp_awarded", patience(20))}
        stream.wait_for(lambda: pushed.keys() <= {event["id"] for event in stream.events()}, 20)
        followed = [event for event in pushed.values() if "session_started" not in event["type"]]
        assert {event["type"] for event in followed} >= {"challenges.session_completed.v1", "gamification.xp_awarded.v1"}
        assert {TRACEPARENT.fullmatch(event["traceparent"])[1] for event in followed} == {trace}
        assert {TRACEPARENT.fullmatch(event["traceparent"])[2] for event in followed} == {"01" if sampled else "00"}
        assert {event["id"]: event for event in stream.events()}.items() >= pushed.items()
        kept = {one["id"]: one["traceparent"] for one in events(traced.env(), "--where", f"traceparent contains '{trace}'")}
        assert {event["id"]: event["traceparent"] for event in followed}.items() <= kept.items()
        assert all("traceparent" not in event for event in public.wait_for_event("leaderboard:global", "leaderboard_item"))


def test_each_request_has_a_line_with_its_id_and_its_trace(traced, learner):
    trace, _, traceparent = new_traceparent()
    request = f"test-{uuid.uuid4()}"
    answer = requests.get(learner.api.url + "/me", headers=learner.headers("own") | {"X-Request-Id": request, "traceparent": traceparent}, timeout=30)
    assert answer.status_code == 200
    line = wait_for(lambda: [line for line in lines_of(traced) if line.get("request") == request])[0]
    assert line["trace"] == trace and line["level"] == "info" and line["process"] == "gateway"
    assert re.fullmatch(r"gateway: GET /me answered 200 in \d+ µs", line["message"])
    assert all({"at", "level", "process", "pid", "message"} <= set(line) for line in lines_of(traced))


def test_personal_data_is_told_to_nobody(traced, collector, learner, challenge):
    """Canaries in everything that people say, however wrong; then a look at everything that operators see."""
    api, env = learner.api, traced.env()
    canary = f"canary{uuid.uuid4().hex[:12]}"
    somebody = Learner(api, name=f"Name {canary}")
    somebody.email, somebody.password = f"{canary}@example.org", f"a pass phrase {canary}"
    key = f"key-{canary}"
    assert somebody.post("/auth/register", somebody.registration, key=key, token=None).status_code in (201, 202)
    wait_for(lambda: somebody.post("/auth/login", {"email": somebody.email, "password": somebody.password}, token=None).status_code == 200)
    tokens = somebody.post("/auth/login", {"email": somebody.email, "password": somebody.password}, key=f"login-{canary}", token=None).json()
    somebody.user_id, somebody.access, somebody.refresh_token = tokens["userId"], tokens["accessToken"], tokens["refreshToken"]
    refused(somebody.post("/auth/login", {"email": somebody.email, "password": f"wrong {canary}"}, token=None), 401, "invalid_credentials")
    refreshed = somebody.post("/auth/refresh", {"refreshToken": tokens["refreshToken"]}, token=None).json()
    for body in ({"email": canary, "password": canary}, {canary: canary}, [canary]):
        assert somebody.post("/auth/register", body, token=None).status_code >= 400
    broken = requests.post(api.url + "/auth/login", data='{"email": "' + canary, headers={"Content-Type": "application/json"}, timeout=30)
    assert broken.status_code == 400
    for path in (f"/{canary}", f"/me?{canary}={canary}", f"/challenges/{canary}"):
        assert somebody.get(path).status_code >= 400
    assert somebody.get("/me", token=f"{canary}.{canary}.{canary}").status_code == 401
    session = ok(somebody.post(f"/challenges/{challenge['id']}/sessions", key=f"start-{canary}"), 201)
    ok(somebody.post(f"/challenge-sessions/{session['id']}/complete", {"performanceScore": 80, "completionTime": 1500}, key=f"complete-{canary}"), 200)
    loud, _, sampled = new_traceparent()
    complete(somebody, challenge, f"test-{uuid.uuid4()}", sampled)
    wait_for(lambda: {service for service, _ in collector.of(loud)} == SERVICES)
    secrets = [canary, tokens["accessToken"].split(".")[2], tokens["refreshToken"], refreshed["accessToken"].split(".")[2], refreshed["refreshToken"]]
    seen = {"the log": traced.log.read_text(), "traces": "\n".join(body for _, _, body in collector.bodies),
            "the gateway's metrics": requests.get(api.url + "/metrics", timeout=10).text}
    seen |= {verb: requests.get(env[f"KIROKU_{verb}_METRICS"], timeout=10).text for verb in SILENT}
    assert "/auth/login" in seen["the log"] and "/auth/login" in seen["traces"]
    for where, text in seen.items():
        for secret in secrets:
            assert secret not in text, f"{where} tells {secret}: {[line for line in text.splitlines() if secret in line][:3]}"


def test_nothing_that_is_sent_breaks_a_line_of_the_log(traced, learner):
    for nasty in ("a\x1b[31mb", "x\ty", '"}{"level":"error'):
        requests.get(learner.api.url + "/me", headers={"X-Request-Id": nasty, "User-Agent": nasty}, timeout=30)
    for line in traced.log.read_text().splitlines():
        assert "\x1b" not in line
        if line.startswith("{"):
            assert json.loads(line)["level"] in ("debug", "info", "warning", "error", "critical")


def test_without_a_collector_everything_goes_on_and_losses_are_counted(traced, collector, learner, challenge):
    collector.stop()
    failed = lambda url: samples(url)["kiroku_spans_failed_total", ""]
    before = failed(learner.api.url)
    for _ in range(3):
        complete(learner, challenge, f"test-{uuid.uuid4()}")
    wait_for(lambda: failed(learner.api.url) > before)
    for verb in SILENT:
        wait_for(lambda: failed(traced.env()[f"KIROKU_{verb}_METRICS"].removesuffix("/metrics")) > 0, verb)
    complaints = [line for line in lines_of(traced) if "takes no spans" in line["message"]]
    assert len(complaints) == len({line["process"] for line in complaints}) <= 4
    assert requests.get(learner.api.url + "/readyz", timeout=10).status_code == 200
    assert samples(learner.api.url)["kiroku_spans_dropped_total", ""] == 0
