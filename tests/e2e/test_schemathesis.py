# tests/e2e/test_schemathesis.py: Schemathesis makes requests out of /openapi.json, good ones, bad ones and chains of them, to a
# gateway with sanitizers: nothing that it answers may be a 5xx, or anything but what it promised.
import os
import re
import subprocess

import pytest

from api import Learner, patience
from conftest import ROOT

SANITIZED = os.environ.get("KIROKU_SANITIZED")
SCHEMATHESIS = ROOT / ".build/python/bin/schemathesis"
SECONDS = 100
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method", "allow_header_conformance", "ignored_auth", "use_after_free")
ENDS_SESSIONS = ("logOut", "logOutEverywhere")
ENDLESS = ("streamLive",)  # its answer ends with the token
COMPLAINTS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


@pytest.fixture
def gateway(env, new_gateway):
    if SANITIZED is None:
        pytest.skip("KIROKU_SANITIZED names no program: infra/test schemathesis builds one")
    return new_gateway(SANITIZED, "--password-memory-mib", "19")


@pytest.fixture
def made_up(gateway, tmp_path):
    """Has Schemathesis make up requests of one learner for that long; its report if something is wrong."""
    def run(seconds, *options):
        learner = Learner(gateway.api)
        learner.register()
        learner.log_in()
        command = [SCHEMATHESIS, "--no-color", "run", gateway.api.url + "/openapi.json", "--header", f"Authorization: Bearer {learner.access}",
                   "--checks", ",".join(CHECKS), "--max-time", str(seconds), "--seed", "7", "--request-timeout", "30",
                   "--generation-with-security-parameters", "false", "--continue-on-failure", *options]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=patience(seconds * 3 + 120), check=False)
        assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
        return ended.stdout

    return run


def test_nothing_that_can_be_made_up_breaks_the_contract(gateway, made_up):
    said = made_up(SECONDS, *(word for name in ENDS_SESSIONS + ENDLESS for word in ("--exclude-operation-id", name)))
    assert re.search(r"API Links: +[1-9]", said), said
    made_up(10, "--phases", "coverage,fuzzing", *(word for name in ENDS_SESSIONS for word in ("--include-operation-id", name)))
    assert gateway.stop() == 0
    log = gateway.log.read_text()
    assert not any(complaint in log for complaint in COMPLAINTS), log[-10_000:]
