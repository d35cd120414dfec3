# tests/bench/projecting.py: how fast a log becomes read models, on a broker and a database of its own, with no decider.
import json
import resource
import statistics
import subprocess
import time

from processes import CpuUse
from system import Failed

PATIENCE = 180  # seconds for one projection
READ_MODELS = ("progress", "xp_history", "leaderboard")
LIVE_RATES = {"steady": 1_000, "busy": 33_000}  # events a second


class Database:
    """One psql, kept open: asking how far a projector is must cost next to nothing."""

    def __init__(self, env):
        self.psql = subprocess.Popen(["psql", "-XqAt", env["KIROKU_POSTGRES"]], env=env, text=True, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, bufsize=1)

    def number(self, query):
        self.psql.stdin.write(query + ";\n")
        self.psql.stdin.flush()
        return float(self.psql.stdout.readline() or "nan")

    def close(self):
        self.psql.stdin.close()
        self.psql.wait()


def children_cpu():
    """CPU seconds of the processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def project(programs, system, database, read_models, records):
    """Projects these from zero until all `records` are in; events a second, from the process's start on, and once it runs."""
    recreate = [word for name in read_models for word in ("--recreate", name)]
    programs.verb(system.env, "migrate", *recreate)
    names = ", ".join(f"'{name}'" for name in read_models)
    query = ("SELECT coalesce(min(sum), 0) FROM (SELECT sum(next_offset) FROM kiroku.checkpoint "
             f"WHERE read_model IN ({names}) AND context = 'gamification' GROUP BY read_model) AS each")
    began, first, cpu = time.monotonic(), None, children_cpu()
    with CpuUse(system.pid) as use, subprocess.Popen([programs.kiroku, "project", *read_models], env=system.env,
                                                     stderr=subprocess.DEVNULL) as process:
        try:
            while (done := database.number(query)) < records:
                if first is None and done > 0:
                    first = time.monotonic(), done
                if process.poll() is not None or time.monotonic() - began > PATIENCE:
                    raise Failed(f"kiroku project {' '.join(read_models)} got to {done:.0f} of {records} records")
                time.sleep(0.02)
            ended = time.monotonic()
        finally:
            process.terminate()
    found = {"rate": round(records / (ended - began), 1), "seconds": round(ended - began, 2),
             "databaseCpu": round(use.seconds.get("database", 0), 2), "projectCpu": round(children_cpu() - cpu, 2)}
    if first and ended > first[0]:
        found["rateOnceRunning"] = round((records - first[1]) / (ended - first[0]), 1)
    return found


def live(programs, system, seconds):
    """How long events take to be in all tables of projectors that run, at several rates; the log grows meanwhile."""
    found = {}
    with subprocess.Popen([programs.kiroku, "project", *READ_MODELS], env=system.env, stderr=subprocess.DEVNULL) as process:
        try:
            for name, rate in LIVE_RATES.items():
                with CpuUse(system.pid) as use:
                    found[name] = programs.measure("follow", timeout=PATIENCE, kafka=system.env["KIROKU_KAFKA"], postgres=system.env["KIROKU_POSTGRES"],
                                                   rate=rate, seconds=seconds, **{"read-model": list(READ_MODELS)})
                found[name]["databaseCpu"] = round(use.seconds.get("database", 0), 2)
        finally:
            process.terminate()
    return found


def audit(programs, system, records):
    """Proves the log; records a second, from the process's start on: the median of three."""
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        partitions = json.loads(programs.verb(system.env, "audit", "gamification", "--json"))
        seconds.append(time.monotonic() - began)
        if sum(one["records"] for one in partitions) != records:
            raise Failed(f"kiroku audit read {sum(one['records'] for one in partitions)} of {records} records")
    return {"rate": round(records / statistics.median(seconds), 1), "seconds": round(statistics.median(seconds), 2)}


def projecting(programs, system, events, alone, seconds):
    """Fills a log, reads it in several ways, proves it, then projects it: all read models at once, and each of `alone` by
    itself; at last what is appended meanwhile."""
    programs.verb(system.env, "topics")
    programs.verb(system.env, "migrate")
    found = {"log": programs.measure("fill_log", kafka=system.env["KIROKU_KAFKA"], events=events)}
    found["limits"] = programs.measure("consume", kafka=system.env["KIROKU_KAFKA"])
    records = found["limits"]["records"]
    found["audit"] = audit(programs, system, records)
    database = Database(system.env)
    try:
        found["together"] = project(programs, system, database, READ_MODELS, records)
        for name in alone:
            found[name] = project(programs, system, database, [name], records)
        rows = database.number("SELECT count(*) FROM kiroku.progress")
        if rows != found["log"]["learners"]:
            raise Failed(f"progress has {rows:.0f} rows, the log has {found['log']['learners']} learners")
        found["live"] = live(programs, system, seconds)
    finally:
        database.close()
    return found
