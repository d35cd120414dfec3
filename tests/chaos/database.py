# tests/chaos/database.py: the database, which can be killed, stopped, filled up, and put back to what it was.
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from brokers import run
from roles import free_port, plain_environment

READY_WITHIN = 120  # seconds
SPARE_KIB = 128  # more than it writes while its disk is made small
ROOM_MIB = 4096  # a limit; memory is taken as it is filled


class Database:
    """Kept running by `kiroku up`, which starts it again when it dies. `own_disk`: in memory, on a file system of its own."""

    def __init__(self, folder, program, kafka, own_disk):
        self.data, self.log, self.own_disk = folder / "servers", folder / "logs/database.log", own_disk
        self.port = free_port()
        self.command = [program, "up", "--servers-only", "--postgres-port", str(self.port), "--data", str(self.data),
                        "--kafka", kafka, "--log-format", "text"]
        self.process = None
        self.data.mkdir()
        if own_disk:
            run("mount", "-t", "tmpfs", "-o", f"size={ROOM_MIB}m", "tmpfs", self.data)

    def start(self):
        said = self.said()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env=plain_environment())
        give_up = time.monotonic() + READY_WITHIN
        while "are ready" not in self.said()[len(said):]:
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError("the database doesn't start: see logs/database.log")
            time.sleep(0.1)

    @property
    def address(self):
        return dict(re.findall(r"export (\w+)='(.*)'", (self.data / "env").read_text()))["KIROKU_POSTGRES"]

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def stop(self):
        """In order, and for good."""
        self.process.terminate()
        self.process.wait(60)

    def kill(self):
        """Only PostgreSQL; whether there was one to kill."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            if b"postgres" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(int(pid), signal.SIGKILL)
                return True
        return False

    def fill(self):
        """From now on its disk is hardly larger than what is on it."""
        used = shutil.disk_usage(self.data).used
        run("mount", "-o", f"remount,size={(used >> 10) + SPARE_KIB}k", self.data)

    def make_room(self):
        run("mount", "-o", f"remount,size={ROOM_MIB}m", self.data)

    def back_up(self):
        """It must have stopped."""
        run("rm", "-rf", self.data / "backup")
        run("cp", "-a", self.data / "postgres", self.data / "backup")

    def restore(self):
        """It must have stopped."""
        run("rm", "-rf", self.data / "postgres")
        run("mv", self.data / "backup", self.data / "postgres")

    def clean(self):
        if self.process and self.process.poll() is None:
            self.stop()
        if self.own_disk:
            run("umount", "-l", self.data, check=False)
