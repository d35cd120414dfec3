# tests/e2e/test_deploy.py: dashboard and alerts speak of what processes really measure.
import json
import pathlib
import re
import shutil
import subprocess

import pytest
import requests

from test_metrics import SILENT, at

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "infra/deploy"
METRIC = re.compile(r"\bkiroku_[a-z_]+")
ASIDE = re.compile(r"\{[^}]*\}|\b(?:by|on|without) \([^)]*\)|\[[^\]]*\]")


def dashboard():
    return json.loads((DEPLOY / "grafana/kiroku.json").read_text())


def expressions():
    """(where, expression) of all panels and alerts."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    alert = None
    for line in (DEPLOY / "alerts.yml").read_text().splitlines():
        if found := re.match(r" +- alert: (\w+)$", line):
            alert = found.group(1)
        if found := re.match(r" +expr: (.+)$", line):
            yield alert, found.group(1)


def labels_in(expression):
    return {label for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(", ")}


@pytest.fixture
def measured(api, env):
    """Metric → its labels, of all processes. One that has no samples yet is there with what it means."""
    told = {}
    for url in (api.url, *(at(env, verb) for verb in SILENT)):
        for line in requests.get(url + "/metrics", timeout=10).text.splitlines():
            if found := re.match(r"# TYPE (\w+) (\w+)$", line):
                names = [found.group(1)] if found.group(2) != "histogram" else [found.group(1) + end for end in ("_bucket", "_sum", "_count")]
                for name in names:
                    told.setdefault(name, set())
            elif not line.startswith("#"):
                told[re.match(r"\w+", line).group(0)] |= set(re.findall(r'(\w+)="', line))
    return told


def test_dashboard_and_alerts_ask_for_what_is_measured(measured, trained):
    asked = list(expressions())
    assert len(asked) > 60
    for where, expression in asked:
        names = METRIC.findall(ASIDE.sub("", expression))
        assert names or "up{" in expression, (where, expression)
        for name in names:
            assert name in measured, (where, name)
        if names and measured[names[0]]:
            assert labels_in(expression) - {"job", "instance"} <= measured[names[0]] | {"alarm"}, (where, expression)


def test_what_readmes_name_is_measured(measured):
    text = (DEPLOY.parent / "README.md").read_text()
    for name in METRIC.findall(text):
        suits = [known for known in measured if known.startswith(name)]
        assert suits, name


def test_the_dashboard_has_its_place_for_each_panel():
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    rows = {panel["title"] for panel in panels if panel["type"] == "row"}
    assert rows == {"Rates and errors", "Durations", "Deciding", "Lag", "Queues and real time"}


def test_every_alarm_of_the_readme_has_an_alert():
    """Those that are measured; others stand in the log alone."""
    text = (DEPLOY.parent / "README.md").read_text()
    alerts = "".join(expression for where, expression in expressions() if where and where.startswith("Kiroku"))
    for line in text.splitlines():
        if line.startswith("|") and (names := METRIC.findall(line.split("|")[1])):
            assert any(name.removesuffix("_") in alerts for name in names), line


def test_promtool_takes_them():
    if not shutil.which("promtool"):
        pytest.skip("promtool isn't installed (package prometheus)")
    checked = subprocess.run(["promtool", "check", "config", str(DEPLOY / "prometheus.yml")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
