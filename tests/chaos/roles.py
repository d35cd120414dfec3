# tests/chaos/roles.py: the processes of Kiroku under fire, kept running as an operator's supervisor would.
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

RESTART_AFTER = 0.5  # seconds; a process that ends at once is started ever more slowly
LONGEST_PAUSE = 8.0


def plain_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("KIROKU_")}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Role:
    """One process that is started again when it ends, unless it is `down`."""

    def __init__(self, name, command, environment, folder):
        self.name, self.command, self.environment = name, [str(word) for word in command], environment
        self.extra = {}  # environment for the next start only as long as it is set
        self.log = folder / f"{name}.log"
        self.process = None
        self.down = True
        self.starts = 0
        self.exits = []  # codes, negative ones are signals
        self.next_start = 0.0
        self.pause = RESTART_AFTER
        self.lock = threading.Lock()

    def start(self):
        with self.lock:
            self.down = False
            self.spawn()

    def spawn(self):
        log = self.log.open("a")
        self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=self.environment | self.extra)
        self.starts += 1
        self.started = time.monotonic()

    def keep(self):
        """Called every now and then: starts it again if it has ended."""
        with self.lock:
            if self.down or self.process is None:
                return
            code = self.process.poll()
            if code is None:
                return
            now = time.monotonic()
            if self.next_start == 0.0:
                self.exits.append(code)
                lived = now - self.started
                self.pause = RESTART_AFTER if lived > 5 or code < 0 else min(2 * self.pause, LONGEST_PAUSE)
                self.next_start = now + self.pause
            elif now >= self.next_start:
                self.next_start = 0.0
                self.spawn()

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, what):
        if self.alive():
            self.process.send_signal(what)

    def kill(self):
        self.signal(signal.SIGKILL)

    def stop(self, seconds=30):
        """Ends it for good, in order; how long that took, and its exit code (None: it had to be killed)."""
        with self.lock:
            self.down = True
        began = time.monotonic()
        if not self.alive():
            return 0.0, self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGTERM)
        code = None
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began, code


class Keeper:
    """Looks after all roles and brokers until it is stopped."""

    def __init__(self, roles):
        self.roles = roles
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.wait(0.1):
            for role in list(self.roles.values()):
                role.keep()

    def stop(self):
        self.over.set()
        self.thread.join()


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def resources(pid):
    """Memory in bytes, open files and threads of a process; None if it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        files = len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return None
    numbers = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith(("VmRSS", "Threads"))}
    return {"rss": int(numbers.get("VmRSS", 0)) * 1024, "files": files, "threads": int(numbers.get("Threads", 0))}
