# tests/bench/rebuilding.py: how fast a long log becomes read models anew, beside reading it and beside COPY of the same rows.
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

from system import Failed

KEY = ", PRIMARY KEY (award_id)"
READ_MODELS = ("xp_history", "progress", "leaderboard")
MEMORIES = ("512MB", "32MB")  # for growth: all that is folded fits; hardly any of it, the rest waits in the tables


def psql(system, *commands):
    words = [word for command in commands for word in ("-c", command)]
    run = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", system.env["KIROKU_POSTGRES"], *words], env=system.env, text=True,
                         capture_output=True, check=False)
    if run.returncode != 0:
        raise Failed(f"psql: {run.stderr[-1000:]}")
    return run.stdout.strip()


def rebuild(programs, system, words, records):
    """Makes read models anew; its steps' seconds, records a second from the process's start to its end, its memory."""
    command = [programs.kiroku, "rebuild", *words, "--yes", "--skip-verify"]
    began, steps = time.monotonic(), []
    with subprocess.Popen(command, env=system.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        for line in process.stderr:
            if line.startswith("rebuild: "):
                steps.append((line.split()[1], time.monotonic()))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    ended = time.monotonic()
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}")
    found = {"seconds": round(ended - began, 2), "rate": round(records / (ended - began), 1), "megabytes": round(usage.ru_maxrss / 1024)}
    for (step, at), (_, until) in zip(steps, steps[1:] + [("", ended)]):
        found[step] = round(found.get(step, 0) + until - at, 2)
    return found


def copy_limits(system):
    """COPY of the history's rows into a table like it: without an index, with the primary key, the same in the binary format; the better
    of two."""
    rows = int(psql(system, "SELECT count(*) FROM kiroku.xp_history"))
    found = {"rows": rows}
    with tempfile.TemporaryDirectory(prefix="kiroku-bench-rows.") as folder:
        file = pathlib.Path(folder) / "rows"
        for name, key, format in (("bare", "", "text"), ("key", KEY, "text"), ("binary", KEY, "binary")):
            psql(system, f"\\copy kiroku.xp_history TO '{file}' (FORMAT {format})")
            rates = []
            for _ in range(2):
                psql(system, "DROP TABLE IF EXISTS copied", f"CREATE TABLE copied (LIKE kiroku.xp_history{key})")
                began = time.monotonic()
                psql(system, f"\\copy copied FROM '{file}' (FORMAT {format})")
                rates.append(rows / (time.monotonic() - began))
            found[name] = round(max(rates), 1)
        psql(system, "DROP TABLE copied")
    return found


def counted(programs, system, records):
    """kiroku events --count: the median of three."""
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        programs.verb(system.env, "events", "gamification", "--count")
        seconds.append(time.monotonic() - began)
    return {"rate": round(records / statistics.median(seconds), 1), "seconds": round(statistics.median(seconds), 2)}


def verified(programs, system, records):
    began = time.monotonic()
    programs.verb(system.env, "verify", *READ_MODELS)
    seconds = time.monotonic() - began
    return {"rate": round(records / seconds, 1), "seconds": round(seconds, 2),
            "megabytes": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)}


def grow(programs, system, found, records):
    """All read models in one pass, over the log as it is now."""
    for memory in MEMORIES:
        found["growth"].append({"records": records, "memory": memory, **rebuild(programs, system, ["--all", "--memory", memory], records)})


def rebuilding(programs, system, events, first, then):
    """Measures over `events`; on the way there, and behind, how the time for all read models grows with the log."""
    programs.verb(system.env, "topics")
    programs.verb(system.env, "migrate")
    found = {"growth": []}
    records = 0
    for more in (*first, events - sum(first)):
        found["log"] = programs.measure("fill_log", timeout=900, kafka=system.env["KIROKU_KAFKA"], events=more)
        records += found["log"]["events"]
        grow(programs, system, found, records)
    found["limits"] = programs.measure("consume", timeout=900, kafka=system.env["KIROKU_KAFKA"])
    records = found["limits"]["records"]
    for name in READ_MODELS:
        found[name] = rebuild(programs, system, [name], records)
    found["copy"] = copy_limits(system)
    found["xp_history"]["rows"] = round(found["copy"]["rows"] / found["xp_history"]["seconds"], 1)
    found["all"] = rebuild(programs, system, ["--all"], records)
    found["count"] = counted(programs, system, records)
    found["verify"] = verified(programs, system, records)
    for more in then:
        records += programs.measure("fill_log", timeout=900, kafka=system.env["KIROKU_KAFKA"], events=more)["events"]
        grow(programs, system, found, records)
    return found
