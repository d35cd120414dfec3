# gateway/clients/python/kiroku/positions.py: how far the log was when something was written: what reads must have seen.
from __future__ import annotations

import re
import threading

_PART = re.compile(r"([a-z_]+/\d+)@(\d+)")


class Positions:
    """Of "gamification/3@123,challenges/5@77": the greatest offset of each partition. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offsets: dict[str, int] = {}

    def see(self, position: str) -> None:
        """Takes what an answer told. What isn't written so is left alone."""
        with self._lock:
            for found in map(_PART.fullmatch, position.split(",")):
                if found:
                    self._offsets[found[1]] = max(int(found[2]), self._offsets.get(found[1], 0))

    def text(self) -> str:
        """For Kiroku-Min-Position; empty: nothing was written yet."""
        with self._lock:
            return ",".join(f"{partition}@{offset}" for partition, offset in self._offsets.items())

    def clear(self) -> None:
        with self._lock:
            self._offsets.clear()
