# tests/chaos/power.py: what a loss of power leaves of a process's files: what it had synced, as unsynced.cpp wrote it down.
import dataclasses
import os

MADE_ANEW = (".index", ".timeindex", ".txnindex")  # mapped into memory; a broker that wasn't stopped in order makes them anew


@dataclasses.dataclass
class Loss:
    bytes: int = 0
    files: int = 0

    def __add__(self, other):
        return Loss(self.bytes + other.bytes, self.files + other.files)

    def __str__(self):
        return f"{self.bytes:,} bytes of {self.files} files"


class Disk:
    """A folder whose files are on the disk as far as `journal` says. Files are known by their inodes: names change."""

    def __init__(self, folder, journal):
        self.folder, self.journal = folder, journal

    def files(self, which="*"):
        return [path for path in self.folder.rglob(which) if path.is_file() and path.suffix not in MADE_ANEW]

    def sizes(self, which="*"):
        """{inode: size}, as the process sees it."""
        return {found.st_ino: found.st_size for found in (path.stat() for path in self.files(which))}

    def sync(self, sizes=None):
        """All that is there, or was there when `sizes` were taken, is on the disk from now on, as after `sync`."""
        with self.journal.open("a") as journal:
            for inode, size in (self.sizes() if sizes is None else sizes).items():
                journal.write(f"synced {inode} {size}\n")

    def synced(self):
        found = {}
        with self.journal.open() as journal:
            for what, inode, size in map(str.split, journal):
                inode, size = int(inode), int(size)
                found[inode] = size if what == "synced" else min(size, found.get(inode, 0))
        return found

    def lose_power(self):
        """Cuts each file to what was synced of it. The process must be dead."""
        synced, loss = self.synced(), Loss()
        for path in self.files():
            size = path.stat().st_size
            kept = synced.get(path.stat().st_ino, 0)
            if kept < size:
                os.truncate(path, kept)
                loss += Loss(size - kept, 1)
        return loss
