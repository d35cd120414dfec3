# tests/e2e/test_up.py: `kiroku up` as an operator meets it: starts, restarts, stops, and what it says when it can't.
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

from api import Api, Learner
from conftest import PROGRAM, System, warm_up

READY = "Broker and database are ready"
SECONDS = 60


class Servers:
    """`kiroku up --servers-only` on a folder."""

    def __init__(self, data, *options, environment=None):
        self.data = data
        self.log = data.parent / f"up-{time.monotonic_ns()}.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KIROKU_")}
        self.process = subprocess.Popen(
            [PROGRAM, "up", "--servers-only", "--ports", "auto", "--log-format", "text", "--data", data, *options],
            env=clean | (environment or {}), stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(SECONDS)

    @property
    def text(self):
        return self.log.read_text()

    def wait_until(self, condition, what):
        until = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < until, f"{what}: not after {SECONDS} s\n{self.text}"
            time.sleep(0.05)

    def ready(self):
        self.wait_until(lambda: READY in self.text or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.text
        return self

    def ended(self):
        """Exit code and text, once it has ended by itself."""
        return self.process.wait(SECONDS), self.text

    @property
    def env(self):
        return dict(re.findall(r"export (\w+)='(.*)'", (self.data / "env").read_text()))

    def pid(self, server):
        return int((self.data / "run" / f"{server}.pid").read_text().split()[0])

    def ask(self, sql):
        return subprocess.run(["psql", "-XAtc", sql, self.env["KIROKU_POSTGRES"]], check=True, capture_output=True, text=True).stdout.strip()


def verb(env, *words):
    """Exit code, and what it says."""
    run = subprocess.run([PROGRAM, *words], env=os.environ | env, capture_output=True, text=True, timeout=SECONDS, check=False)
    return run.returncode, run.stdout + run.stderr


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_starts_stops_cleanly_and_finds_yesterdays_data(tmp_path):
    with Servers(tmp_path / "k") as servers:
        servers.ready().ask("CREATE TABLE kept AS SELECT 42 AS answer")
        pids = [servers.pid("broker"), servers.pid("database")]
        servers.process.send_signal(signal.SIGINT)
        assert servers.process.wait(SECONDS) == 0
        assert not any(is_running(pid) for pid in pids)
    with Servers(tmp_path / "k") as servers:
        assert servers.ready().ask("SELECT answer FROM kept") == "42"


def test_no_secret_is_readable_by_others_or_in_the_environment(tmp_path):
    with Servers(tmp_path / "k") as servers:
        servers.ready()
        password = (servers.data / "secrets" / "postgres").read_text()
        assert len(password) == 32 and password not in (servers.data / "env").read_text() + servers.text
        for path in [servers.data / "env", *(servers.data / "secrets").iterdir()]:
            assert path.stat().st_mode & 0o077 == 0, path


def test_what_dies_is_started_again(tmp_path):
    with Servers(tmp_path / "k") as servers:
        for server in ("database", "broker"):
            before = servers.ready().pid(server)
            os.kill(before, signal.SIGKILL)
            servers.wait_until(lambda: servers.pid(server) != before, f"a new {server}")
            assert f"{server} ended with 137" in servers.text
        servers.wait_until(lambda: subprocess.run(["psql", "-XAtc", "SELECT 1", servers.env["KIROKU_POSTGRES"]],
                                                  capture_output=True, check=False).returncode == 0, "an answer")


def test_children_do_not_outlive_it_and_the_next_run_waits_for_them(tmp_path):
    with Servers(tmp_path / "k") as servers:
        servers.ready()
        pids = [servers.pid("broker"), servers.pid("database")]
        servers.process.kill()
        servers.process.wait()
        with Servers(tmp_path / "k") as again:
            again.ready()
            assert not any(is_running(pid) for pid in pids)


def test_tables_that_an_older_program_made_are_made_anew_at_the_next_start(tmp_path):
    def started():
        system = System(tmp_path)
        warm_up(Api(system.url()))
        return system
    system = started()
    learner = Learner(Api(system.url()))
    learner.register()
    system.stop()
    with Servers(tmp_path / "data") as servers:  # as it was before accounts knew roles
        servers.ready().ask("ALTER TABLE kiroku.accounts DROP COLUMN roles; UPDATE kiroku.read_model SET shape = 1 WHERE name = 'accounts'; "
                            "UPDATE kiroku.read_model_version SET shape = 1 WHERE read_model = 'accounts'")
        code, text = verb(servers.env, "migrate")
        assert code == 3 and "accounts have another shape" in text and "kiroku rebuild --outdated" in text
    system = started()
    try:
        learner.api = Api(system.url())
        learner.log_in()
        assert verb(system.env(), "rebuild", "--outdated", "--yes") == (0, "none is outdated\n")
    finally:
        system.stop()


def test_a_shell_that_has_sourced_env_still_gets_its_own_servers(tmp_path):
    with Servers(tmp_path / "k") as servers:
        sourced = servers.ready().env
    with Servers(tmp_path / "k", environment=sourced) as servers:
        servers.ready()
        assert is_running(servers.pid("broker")) and is_running(servers.pid("database"))


def test_a_broker_of_ones_own_is_used_and_none_started(tmp_path):
    with Servers(tmp_path / "k", "--kafka", "elsewhere:9092") as servers:
        assert servers.ready().env["KIROKU_KAFKA"] == "elsewhere:9092"
        assert not (servers.data / "kafka").exists()


def test_two_on_one_folder_are_refused(tmp_path):
    with Servers(tmp_path / "k") as servers:
        servers.ready()
        code, text = Servers(tmp_path / "k").ended()
        assert code == 3 and f"(process {servers.process.pid}) runs on" in text


@pytest.mark.parametrize("option", ["--kafka-port", "--controller-port", "--postgres-port"])
def test_a_taken_port_is_named_with_the_option_that_changes_it(tmp_path, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, text = Servers(tmp_path / "k", "--ports", "fixed", "--kafka-port", "1", "--controller-port", "2",
                             "--postgres-port", "3", option, port).ended()
    assert code == 3 and f"Port {port}" in text and option in text


@pytest.mark.parametrize("options, says", [
    (["--kafka-jars", "/nowhere"], "The Kafka broker's jars are not in /nowhere"),
    (["--postgres-programs", "/nowhere"], "PostgreSQL is not installed: /nowhere has no initdb"),
    (["--data", "/proc/kiroku"], "The data folder /proc/kiroku can't be written"),
])
def test_what_is_missing_is_named(tmp_path, options, says):
    code, text = Servers(tmp_path / "k", *options).ended()
    assert code == 3 and says in text and "what to do: " in text


def test_a_full_disk_is_named(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", small], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk takes root and a mount namespace that allows it")
    try:
        code, text = Servers(small / "k").ended()
        assert code == 3 and "MiB are free" in text and "--data" in text
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_database_that_cannot_be_made_says_so(tmp_path):
    fake = tmp_path / "programs"
    fake.mkdir()
    (fake / "initdb").write_text("#!/bin/sh\necho 'initdb: no space in this test' >&2\nexit 1\n")
    (fake / "initdb").chmod(0o755)
    for folder in (tmp_path, fake, *tmp_path.parents):
        if folder.is_relative_to("/tmp") and folder != pathlib.Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)  # root runs it as the user postgres
    code, text = Servers(tmp_path / "k", "--postgres-programs", fake).ended()
    assert code == 3 and "initdb: no space in this test" in text and "can't make its cluster" in text
