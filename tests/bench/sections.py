# tests/bench/sections.py: what is measured on a running system, a function a section; each returns what goes into the JSON.
import pathlib
import re
import subprocess

from processes import CpuUse
from system import Failed

IN_FLIGHT = (512, 64, 1)  # the broker, a Java program, is at its best for the one where each microsecond counts
CONNECTING = 2  # seconds that 64 clients of pgbench may need before they begin; not counted in its rate
MICRO = 1e6


class Bench:
    """What the sections share. `seconds` are those of one measurement; `learners` those who have signed in, if any."""

    def __init__(self, programs, system, learners, seconds, warm):
        self.programs = programs
        self.system = system
        self.learners = learners
        self.seconds = seconds
        self.warm = warm
        self.kafka = system.env.get("KIROKU_KAFKA")
        self.postgres = system.env.get("KIROKU_POSTGRES")

    def load(self, program, **options):
        """Measures under load, with the CPU microseconds that each process spent on one request."""
        with CpuUse(self.system.pid) as use:
            figures = self.programs.measure(program, **{"seconds": self.seconds, "warm": self.warm, **options})
        spent = {**use.seconds, "client": figures.pop("clientCpu")}
        total = max(figures.pop("total"), 1)
        figures["cpuMicroseconds"] = {role: round(seconds / total * MICRO, 1) for role, seconds in sorted(spent.items())}
        return figures

    def raw_loop(self, level):
        return self.load("raw_loop", kafka=self.kafka, in_flight=level, seconds=self.seconds / 2) if self.kafka else None

    def http(self, in_flight, method, paths, **options):
        return self.load("http_load", **{"port": self.learners.port, "in_flight": in_flight, "method": method, "path": paths,
                                         **self.learners.files("tokens"), **options})


def session_paths(bench):
    return [f"/challenges/{challenge}/sessions" for challenge in bench.learners.challenges]


def commands(bench):
    """HTTP, between two runs of the raw loop at each level; the better of those is the limit."""
    found = {"raw": {}, "http": {}}
    for level in IN_FLIGHT:
        before = bench.raw_loop(level)
        found["http"][level] = bench.http(level, "POST", session_paths(bench), body="{}")
        if bench.kafka:
            found["raw"][level] = max(before, bench.raw_loop(level), key=lambda figures: figures["rate"])
    return found


def warm_up(bench):
    """Until the broker's compiler has seen what comes (a cold one makes the raw loop three times slower, and so every
    ratio too good), and everybody's caches are filled; nothing of it counts."""
    bench.http(512, "POST", session_paths(bench), body="{}")
    bench.raw_loop(512)
    bench.http(64, "POST", session_paths(bench), body="{}")


def stages(bench, count):
    """Where one command's time goes; and what a request costs that does nothing."""
    found = {"nothing": bench.http(1, "GET", "/healthz", seconds=1, warm=0.2)}
    if bench.kafka:
        found["stages"] = bench.programs.measure("stages", kafka=bench.kafka, port=bench.learners.port, commands=count,
                                                 **bench.learners.files("tokens", "challenges"))
    return found


def push(bench, seconds):
    """Commands at 100 a second and what their learners are pushed."""
    return bench.programs.measure("push", port=bench.learners.port, rate=100, seconds=seconds, warm=bench.warm,
                                  **bench.learners.files("tokens", "challenges"))


def visible(bench):
    """From a completed session to the row that shows it."""
    return bench.programs.measure("visible", port=bench.learners.port, seconds=bench.seconds, warm=bench.warm,
                                  **bench.learners.files("tokens", "challenges"))


def reads(bench):
    """GET /me/progress by 64 connections, beside pgbench that reads the same rows by key."""
    found = {"http": bench.http(64, "GET", "/me/progress")}
    if bench.postgres:
        with CpuUse(bench.system.pid) as use:
            found["pgbench"] = pgbench(bench)
        found["pgbench"]["databaseCpu"] = round(use.seconds.get("database", 0), 2)
    return found


def pgbench(bench):
    """A prepared statement a learner, drawn at random, by 64 clients."""
    folder = pathlib.Path(bench.learners.folder)
    scripts = []
    for number, user in enumerate(bench.learners.users):
        script = folder / f"read-{number}.sql"
        script.write_text(f"SELECT * FROM kiroku.progress WHERE user_id = '{user}';\n")
        scripts += ["-f", str(script)]
    run = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", "64", "-j", "2", "-T", str(round(bench.seconds + CONNECTING)),
                          *scripts, bench.postgres], capture_output=True, text=True, env=bench.system.env, check=False)
    rate = re.search(r"^tps = ([\d.]+)", run.stdout, re.M)
    mean = re.search(r"^latency average = ([\d.]+) ms", run.stdout, re.M)
    if run.returncode != 0 or not rate:
        raise Failed(f"pgbench ended with {run.returncode}: {(run.stderr + run.stdout)[-1000:]}")
    return {"rate": float(rate[1]), "mean": float(mean[1])}
