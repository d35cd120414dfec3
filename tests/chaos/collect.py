# tests/chaos/collect.py: after a run: waits until all is quiet, then puts the log, the tables and the stores into its folder.
import json
import subprocess
import time

from system import BUILD

SETTLES_WITHIN = 90  # seconds
TABLES = ("bank_accounts", "accounts", "checkpoint")


def settle(system):
    """How many seconds the read models needed to be at the log's end; None: too many."""
    began = time.monotonic()
    while time.monotonic() < began + SETTLES_WITHIN:
        if system.caught_up():
            # What the reactors are still to ask for comes after what they read, so it is quiet only if nothing has moved.
            ends = log_ends(system)
            time.sleep(1)
            if log_ends(system) == ends and system.caught_up():
                return time.monotonic() - began - 1
        time.sleep(0.2)
    return None


def log_ends(system):
    found = subprocess.run(["kcat", "-b", system.brokers.bootstrap("rest"), "-Q"]
                           + [word for context in ("bank", "identity") for kind in ("commands", "events")
                              for part in range(4) for word in ("-t", f"{context}.{kind}:{part}:-1")],
                           capture_output=True, text=True, check=False, timeout=30)
    return found.stdout


def dump_log(system, folder):
    folder.mkdir(exist_ok=True)
    for context in ("bank", "identity"):
        with (folder / f"{context}.tsv").open("w") as out:
            subprocess.run(["kcat", "-b", system.brokers.bootstrap("rest"), "-C", "-q", "-e", "-t", f"{context}.events", "-o", "beginning",
                            "-f", "%p\\t%o\\t%k\\t%s\\n"], stdout=out, check=True, timeout=120)


def dump_tables(system):
    folder = system.folder / "evidence/tables"
    folder.mkdir(exist_ok=True)
    for table in TABLES:
        with (folder / f"{table}.csv").open("w") as out:
            subprocess.run(["psql", "-q", system.database, "-c", f"COPY kiroku.{table} TO STDOUT CSV HEADER"], stdout=out, check=True,
                           env=system.environment())


def dump_stores(system):
    """What the deciders have kept; they must have stopped."""
    folder = system.folder / "evidence/stores"
    folder.mkdir(exist_ok=True)
    subjects = set()
    for context in ("bank", "identity"):
        for line in (system.folder / f"evidence/log/{context}.tsv").open():
            partition, _, _, text = line.split("\t", 3)
            if subject := json.loads(text).get("subject"):
                subjects.add(f"{context} {partition} {subject.replace('/', ' ')}")
    for number in (1, 2):
        state = system.folder / f"d{number}/decide"
        with (folder / f"{number}.ndjson").open("w") as out:
            subprocess.run([BUILD / "kiroku-store-dump", state], input="\n".join(sorted(subjects)), stdout=out, text=True, check=True)


def collect(system):
    """Fills the evidence folder and stops the system in order: gateways first, who tell the log at their end what they saw."""
    system.stop_workload()
    stops = {name: role.stop() for name, role in system.roles.items() if name.startswith("gateway")}
    end = {"settled": settle(system)}
    end["verify"] = system.verb("verify", check=False, timeout=300).returncode
    end["audit"] = system.verb("audit", check=False, timeout=300).returncode
    dump_log(system, system.folder / "evidence/log")
    dump_tables(system)
    end["stops"] = stops | {name: role.stop() for name, role in system.roles.items() if name not in stops}
    dump_stores(system)
    (system.folder / "evidence/end.json").write_text(json.dumps(end) + "\n")
