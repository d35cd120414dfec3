# tests/e2e/test_client_python.py: what only the Python client has: types that are checked, TLS, threads, and the README's example.
import re
import subprocess
import sys

import pytest

from client_hosts import Kiroku
from conftest import ROOT

LIBRARY = ROOT / "gateway/clients/python"
README, LIVE = ROOT / "gateway/clients/README.md", LIBRARY / "README.md"
MYPY = ROOT / ".build/python/bin/mypy"
SECONDS = 600


def example(readme):
    return re.search(r"^```python\n(.*?)^```", readme.read_text(), re.M | re.S)[1]


def said_by(text, api, mika, program):
    """What an example of at most ten lines prints."""
    assert len(text.splitlines()) <= 10
    program.write_text(f"url, email, password = {api.url!r}, {mika.email!r}, {mika.password!r}\n{text}")
    ended = subprocess.run([sys.executable, "-B", program], env={"PYTHONPATH": str(LIBRARY)}, capture_output=True, text=True,
                           timeout=SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_the_readmes_example(api, new_learner, tmp_path):
    mika = new_learner()
    said = said_by(example(README), api, mika, tmp_path / "example.py")
    total = mika.progress()["totalXp"]
    assert f"{total} {total}" in said, said


def test_the_example_of_what_is_live(api, new_learner, tmp_path):
    said = said_by(example(LIVE), api, new_learner(), tmp_path / "example.py")
    assert "focus True True" in said, said


def check_types(file):
    return subprocess.run([MYPY, "--strict", "--cache-dir", file.parent / "cache", "--python-version", "3.11", file], cwd=LIBRARY,
                          env={"MYPYPATH": str(LIBRARY)}, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.parametrize("readme", [README, LIVE])
def test_types_are_strict(tmp_path, readme):
    good = tmp_path / "good.py"
    good.write_text(f"url = email = password = ''\n{example(readme)}")
    checked = check_types(good)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("line, complaint", [
    ("kiroku.start_session(7)", "incompatible type"),
    ("kiroku.start_session('x', idempotency_kee='y')", "Unexpected keyword"),
    ("kiroku.complete_session('x', {'performanceScore': 80})", "completionTime"),
    ("kiroku.list_challenges(type='chess')", "incompatible type"),
    ("kiroku.show_my_progress().body['totalXP']", "totalXp"),
    ("kiroku.realtime(transport='pigeon')", "incompatible type"),
    ("kiroku.realtime().publish({'type': 'record_progress', 'sessionId': 'x', 'progress': {'currentPhase': 7}})", "No overload"),
    ("kiroku.realtime().publish({'type': 'record_progress', 'sessionId': 'x', 'progress': {}}).answer['phase']", "phase"),
    ("kiroku.realtime().join('x', lambda members: print(members[0]['name']))", "name"),
])
def test_mistakes_are_noticed_before_they_run(tmp_path, line, complaint):
    bad = tmp_path / "bad.py"
    bad.write_text(f"from kiroku import Kiroku\nkiroku = Kiroku('http://x')\n{line}\n")
    checked = check_types(bad)
    assert checked.returncode == 1 and complaint in checked.stdout and "bad.py:3" in checked.stdout, checked.stdout


def test_addresses_that_are_none():
    for url in ("localhost:8080", "ftp://x", "http://"):
        with pytest.raises(ValueError):
            Kiroku(url)
