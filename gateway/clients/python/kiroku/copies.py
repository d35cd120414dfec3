# gateway/clients/python/kiroku/copies.py: answers kept with their ETag, so that what hasn't changed isn't sent again.
from __future__ import annotations

import collections
import threading
from typing import NamedTuple

MOST = 50


class Copy(NamedTuple):
    etag: str
    text: str


class Copies:
    """The answers that were used last. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copies: collections.OrderedDict[str, Copy] = collections.OrderedDict()

    def find(self, target: str) -> Copy | None:
        with self._lock:
            if target in self._copies:
                self._copies.move_to_end(target)
            return self._copies.get(target)

    def keep(self, target: str, copy: Copy) -> None:
        with self._lock:
            self._copies[target] = copy
            self._copies.move_to_end(target)
            if len(self._copies) > MOST:
                self._copies.popitem(last=False)

    def clear(self) -> None:
        """They are somebody's: nobody who logs in later may see them."""
        with self._lock:
            self._copies.clear()
