# tests/e2e/test_metrics.py: what each process tells operators of itself.
import re
import time

import pytest
import requests

from api import patience

SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
SILENT = ("DECIDE", "PROJECT", "REACT")


def at(env, verb):
    if f"KIROKU_{verb}_METRICS" not in env:
        pytest.skip("this system doesn't tell where its metrics are")
    return env[f"KIROKU_{verb}_METRICS"].removesuffix("/metrics")


def samples(url):
    """(name, labels) → value, of what an address tells."""
    told = {}
    for line in requests.get(url + "/metrics", timeout=10).text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            told[name, labels or ""] = float(value)
    return told


def total(told, name, label=""):
    return sum(value for (known, labels), value in told.items() if known == name and label in labels)


@pytest.mark.parametrize("verb", SILENT)
def test_each_is_alive_ready_and_measured(env, mika, verb):
    url, until = at(env, verb), time.monotonic() + patience(30)
    while (ready := requests.get(url + "/readyz", timeout=10)).status_code != 200:
        assert time.monotonic() < until, ready.text
        time.sleep(0.2)
    assert ready.json()["status"] == "ok"
    assert requests.get(url + "/healthz", timeout=10).status_code == 200
    assert requests.get(url + "/elsewhere", timeout=10).status_code == 404
    assert all(name.startswith((f"kiroku_{verb.lower()}_", "kiroku_spans_")) for name, _ in samples(url))


def test_a_decider_counts_what_it_decides_partition_by_partition(env, mika, pomodoro):
    url = at(env, "DECIDE")
    before = samples(url)
    for _ in range(5):
        mika.practise(pomodoro)
    until = time.monotonic() + patience(30)
    while total(told := samples(url), "kiroku_decide_accepted_total", "challenges") < total(before, "kiroku_decide_accepted_total", "challenges") + 10:
        assert time.monotonic() < until, told
        time.sleep(0.2)
    owned = [labels for name, labels in told if name == "kiroku_decide_owned"]
    assert {context for labels in owned for context in re.findall('context="(\\w+)"', labels)} == {"identity", "challenges", "gamification"}
    assert total(told, "kiroku_decide_owned") == len(owned)
    assert total(told, "kiroku_decide_version_holes") == total(told, "kiroku_decide_halted") == total(told, "kiroku_decide_poison_commands_total") == 0
    assert total(told, "kiroku_decide_fences_total") >= len(owned)
    assert all(told["kiroku_decide_term", labels] >= 0 for labels in owned)


def test_a_gateway_tells_what_waits_and_what_it_refused(api):
    told = samples(api.url)
    for name in ("kiroku_commands_in_flight", "kiroku_commands_shed_full_total", "kiroku_commands_shed_partition_full_total",
                 "kiroku_commands_shed_partition_slow_total", "kiroku_commands_unanswered_total", "kiroku_replies_late_total",
                 "kiroku_http_requests_shed_total"):
        assert (name, "") in told
