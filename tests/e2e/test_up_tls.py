# tests/e2e/test_up_tls.py: `kiroku up` with a certificate: what it prints and exports works as it stands.
import json
import re
import subprocess

import pytest

from api import patience
from conftest import PROGRAM, ROOT, System, environment
from test_tls import OPENSSL, make_certificate

SECONDS = 120


def signed_by_an_authority(folder, name):
    """(certificate and its chain, key) of a name that leads nowhere from here."""
    authority, authority_key = make_certificate(folder, "authority")
    secret, request, extension, leaf, chain = (folder / f"{name}.{kind}" for kind in ("key", "csr", "ext", "leaf", "pem"))
    subprocess.run([OPENSSL, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", secret,
                    "-out", request, "-subj", f"/CN={name}"], check=True, capture_output=True)
    extension.write_text(f"subjectAltName=DNS:{name}\n")
    subprocess.run([OPENSSL, "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "2",
                    "-extfile", extension, "-out", leaf], check=True, capture_output=True)
    chain.write_bytes(leaf.read_bytes() + authority.read_bytes())
    return chain, secret


@pytest.fixture
def up(tmp_path):
    """Starts it with a certificate; `system.said` is what it printed."""
    started = []

    def start(certificate, key, how="environment"):
        files = {"tls-certificate": certificate, "tls-key": key}
        if how == "config":
            config = tmp_path / "kiroku.conf"
            config.write_text("[gateway]\n" + "".join(f'{name} = "{file}"\n' for name, file in files.items()))
            more = {"KIROKU_CONFIG": str(config)}
        else:
            more = {"KIROKU_" + name.upper().replace("-", "_"): str(file) for name, file in files.items()}
        started.append(System(tmp_path / "up it's", more))
        started[-1].url()
        return started[-1]

    (tmp_path / "up it's").mkdir()
    yield start
    for system in started:
        system.stop()


def shell(script, env=None):
    """What it says, run by bash with nothing of ours around it."""
    return subprocess.run(["bash", "-c", script], env=environment() | (env or {}), capture_output=True, text=True, timeout=patience(SECONDS),
                          check=False)


def printed_lines_work(system):
    said = system.log.read_text()
    lines = re.findall(r"^  (?:TOKEN=\$\()?curl .*$", said, re.M)
    assert len(lines) == 3
    first = shell("for i in $(seq 50); do " + lines[0] + "; echo; done | grep -m1 userId")
    assert "userId" in first.stdout, first
    listed = shell("for i in $(seq 50); do " + lines[1].strip() + '; [ ${#TOKEN} -gt 100 ] && break; sleep 0.2; done; ' + lines[2])
    assert json.loads(listed.stdout)["items"], listed


def test_a_certificate_reaches_the_gateway_and_all_who_come_to_it(tmp_path, up):
    folder = tmp_path / "certificates and more"
    folder.mkdir()
    certificate, key = make_certificate(folder, "known")
    system = up(certificate, key)
    env = system.env()
    assert re.fullmatch(r"https://127\.0\.0\.1:\d+", env["KIROKU_URL"])
    assert env["KIROKU_TLS_CERTIFICATE"] == str(certificate) and env["KIROKU_TLS_KEY"] == str(key)
    printed_lines_work(system)
    source = f'source "{system.data}/env"; '
    demo = shell(source + f"{ROOT}/infra/demo --learners 2 --days 1 --seconds 0 --json")
    assert demo.returncode == 0 and json.loads(demo.stdout)["differences"] == [], demo
    told = shell(source + f"{ROOT}/infra/demo --learners 1 --days 1 --ca /dev/null", {"KIROKU_TLS_CERTIFICATE": ""})
    assert told.returncode == 3 and "/dev/null holds no certificate" in told.stderr, told
    stranger = shell(source + "unset KIROKU_TLS_CERTIFICATE; " + f"{ROOT}/infra/demo --learners 1 --days 1")
    assert stranger.returncode == 3 and "isn't trusted" in stranger.stderr and "--ca FILE" in stranger.stderr
    assert "PRIVATE" not in system.log.read_text() + (system.data / "env").read_text()


def test_a_certificate_of_another_name_by_an_authority_from_the_configuration_file(tmp_path, up):
    system = up(*signed_by_an_authority(tmp_path, "academy.example"), how="config")
    assert re.fullmatch(r"https://academy\.example:\d+", system.env()["KIROKU_URL"])
    printed_lines_work(system)
    port = system.env()["KIROKU_URL"].rsplit(":", 1)[1]
    told = shell(f'source "{system.data}/env"; {ROOT}/infra/demo --url https://127.0.0.1:{port} --learners 1 --days 1')
    assert told.returncode == 3 and "isn't trusted" in told.stderr, told


def test_what_can_not_be_used_is_told_before_anything_starts(tmp_path):
    certificate, _ = make_certificate(tmp_path, "one")
    _, other = make_certificate(tmp_path, "other")
    for options in (("--tls-certificate", certificate), ("--tls-certificate", certificate, "--tls-key", other),
                    ("--tls-certificate", tmp_path / "none", "--tls-key", other)):
        ended = subprocess.run([PROGRAM, "up", "--ports", "auto", "--data", tmp_path / "data", *options], env=environment(),
                               capture_output=True, text=True, timeout=SECONDS, check=False)
        assert ended.returncode == 3 and "The TLS certificate can't be used" in ended.stderr, ended
        assert "--tls-key" in ended.stderr and not (tmp_path / "data").exists()
