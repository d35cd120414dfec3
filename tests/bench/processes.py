# tests/bench/processes.py: what the machine is, how busy it is, and how much CPU each process of a running Kiroku uses.
import os
import pathlib
import platform
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
BUSY = 0.5  # a load average above it, before anything of ours runs, spoils the figures


def role_of(command_line):
    """broker, database, a verb of kiroku that does any work, or nothing, by a process's command line as /proc shows it."""
    words = command_line.split("\0")
    name = os.path.basename(words[0].split(" ")[0].rstrip(":"))
    if "kafka.Kafka" in words:
        return "broker"
    if name.startswith("postgres"):
        return "database"
    if name == "bench_transactional_decider":
        return "decide"
    if name == "kiroku" and len(words) > 1 and words[1] != "up":
        return words[1]
    return None


def processes():
    """(pid, parent, role, CPU seconds) of each process with a role, and of those it has waited for."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            role = role_of((folder / "cmdline").read_text(errors="replace"))
        except (OSError, IndexError):
            continue  # it has just ended
        yield int(folder.name), int(fields[1]), role, sum(map(int, fields[11:15])) / TICKS


def cpu_seconds(root):
    """By role, of the processes under `root` (a pid)."""
    listed = list(processes())
    parents = {pid: parent for pid, parent, _, _ in listed}
    sums = {}
    for pid, _, role, seconds in listed:
        ancestor = pid
        while ancestor not in (0, root):
            ancestor = parents.get(ancestor, 0)
        if ancestor == root and pid != root and role:
            sums[role] = sums.get(role, 0) + seconds
    return sums


class CpuUse:
    """Within `with`: how many CPU seconds each role used. Empty without a root."""

    def __init__(self, root):
        self.root = root
        self.seconds = {}

    def __enter__(self):
        self.before = cpu_seconds(self.root) if self.root else {}
        return self

    def __exit__(self, *_):
        after = cpu_seconds(self.root) if self.root else {}
        self.seconds = {role: after[role] - self.before.get(role, 0) for role in after}


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine(root):
    """Facts that figures mean nothing without; `root` is the project's folder."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    load = os.getloadavg()[0]
    return {
        "cpu": cpu_name(), "cores": os.cpu_count(), "memoryGiB": round(memory / 2**30, 1),
        "kernel": platform.release(), "system": " ".join(pathlib.Path("/etc/issue").read_text().split()[:3]),
        "librdkafka": output_of("pkg-config", "--modversion", "rdkafka"),
        "postgres": output_of("pg_config", "--version") or output_of("psql", "--version"),
        "commit": output_of("git", "-C", str(root), "describe", "--always", "--dirty"),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "loadBefore": round(load, 2), "busy": load > BUSY,
    }
