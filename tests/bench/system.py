# tests/bench/system.py: the Kiroku that is measured: one of our own that comes and goes with the run, or a given one.
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local" / "demo"))

from client import Client, Refused  # noqa: E402

READY_WITHIN = 150  # seconds
LEARNER_THREADS = 4
PATIENCE = 30  # seconds for one request while learners are prepared


class Failed(Exception):
    """The run can't go on; the text says why."""


class Programs:
    """`kiroku` and the measuring programs beside it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    @property
    def kiroku(self):
        return str(self.folder / "kiroku")

    def measure(self, name, timeout=120, **options):
        """Runs bench_<name> with `--option value` for each, a list giving it more than once; its JSON."""
        command = [str(self.folder / f"bench_{name}")]
        for option, value in options.items():
            for one in value if isinstance(value, list) else [value]:
                command += ["--" + option.replace("_", "-"), str(one)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        if run.stderr:
            print(run.stderr.rstrip(), file=sys.stderr)
        if run.returncode != 0:
            raise Failed(f"bench_{name} ended with {run.returncode}")
        return json.loads(run.stdout)

    def verb(self, env, *words, **more):
        run = subprocess.run([self.kiroku, *words], env=env, capture_output=True, text=True, check=False, **more)
        if run.returncode != 0:
            raise Failed(f"kiroku {' '.join(words)} ended with {run.returncode}: {run.stderr[-2000:]}")
        return run.stdout


def plain_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("KIROKU_")}


class OwnSystem:
    """`kiroku up` in a temporary folder, on free ports."""

    def __init__(self, programs, servers_only=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kiroku-bench."))
        self.log = pathlib.Path(f"{self.folder}.log")
        command = [programs.kiroku, "up", "--ports", "auto", "--data", str(self.folder), "--log-format", "text"]
        if servers_only:
            command.append("--servers-only")
        jars = sorted((ROOT / ".build").glob("kafka-*"))
        if jars:
            command += ["--kafka-jars", str(jars[-1])]
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=plain_environment())
        self.env = {}

    def __enter__(self):
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_ready(self):
        give_up = time.monotonic() + READY_WITHIN
        while " ready after " not in self.log.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise Failed("kiroku up doesn't get ready:\n" + self.log.read_text(errors="replace")[-4000:])
            time.sleep(0.1)
        self.env = plain_environment()
        for line in (self.folder / "env").read_text().splitlines():
            if line.startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                self.env[name] = value.strip("'")

    @property
    def pid(self):
        """Of the run: what it starts beside this system counts, too."""
        return os.getpid()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)


class GivenSystem:
    """The one that KIROKU_URL, KIROKU_KAFKA and KIROKU_POSTGRES name. What its processes use isn't known."""

    pid = None

    def __init__(self):
        self.env = dict(os.environ)
        if self.env["KIROKU_URL"].startswith("https:"):
            raise Failed("KIROKU_URL speaks TLS, and what measures speaks plain HTTP: start the system without KIROKU_TLS_CERTIFICATE")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class Learners:
    """People who have registered, signed in and completed a session each; their tokens and the challenges, in files."""

    def __init__(self, url, count, folder):
        self.url = url
        self.run = secrets.token_hex(4)
        self.tokens = [None] * count
        self.users = [None] * count
        self.challenges = []
        self.trouble = []
        self.folder = pathlib.Path(folder)

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port or 80

    def prepare(self):
        first = self.join(0)
        self.challenges = [item["id"] for item in first.get("/challenges?limit=10").body["items"]]
        if not self.challenges:
            raise Failed("the catalogue has no challenges")
        waiting = iter(range(1, len(self.tokens)))
        threads = [threading.Thread(target=self.guarded, args=(waiting,)) for _ in range(LEARNER_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.trouble:
            raise self.trouble[0]
        self.complete_one(first, 0)
        self.write("tokens", self.tokens)
        self.write("challenges", self.challenges)

    def guarded(self, numbers):
        try:
            for number in numbers:  # a range's iterator is safe to share under the interpreter's lock
                self.complete_one(self.join(number), number)
        except Exception as trouble:  # raised again by `prepare`
            self.trouble.append(trouble)

    def join(self, number):
        client = Client(self.url, PATIENCE)
        who = {"email": f"bench-{self.run}-{number}@example.org", "password": f"pass phrase {self.run} {number}"}
        client.post("/auth/register", {**who, "displayName": f"Bench {number}", "timezone": "Europe/Berlin"}, f"{self.run}-{number}-r")
        for attempt in range(40):
            try:
                answer = client.post("/auth/login", who, f"{self.run}-{number}-l{attempt}").body
                break
            except Refused as refused:  # a new account takes a moment until it can sign in
                if refused.status != 401 or attempt == 39:
                    raise
                time.sleep(0.1)
        client.token, self.tokens[number], self.users[number] = answer["accessToken"], answer["accessToken"], answer["userId"]
        return client

    def complete_one(self, client, number):
        challenge = self.challenges[number % len(self.challenges)]
        session = client.post(f"/challenges/{challenge}/sessions", {}, f"{self.run}-{number}-s").body["id"]
        client.post(f"/challenge-sessions/{session}/complete", {"performanceScore": 90, "completionTime": 1500}, f"{self.run}-{number}-c")
        client.close()

    def write(self, name, lines):
        (self.folder / name).write_text("\n".join(lines) + "\n")

    def files(self, *names):
        return {name: str(self.folder / name) for name in names}
