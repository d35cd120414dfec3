# gateway/clients/python/kiroku/connection.py: one WebSocket: JSON both ways, and an end that is noticed whatever it is.
from __future__ import annotations

import collections
import json
import select
import socket
import ssl
import time
from typing import Any

from .closes import Closed, closed_with, not_let_in
from .websocket import Hung, NotLetIn, WebSocket

PROTOCOL = "kiroku.v1.json"
STANDS_AFTER = 10.0


class Ended(Exception):
    """The connection is gone."""

    def __init__(self, closed: Closed):
        super().__init__(closed.reason)
        self.closed = closed


class Connection:
    """After `quiet` seconds without a word it asks whether anybody is there, and waits `dead` seconds for an answer; `connect`
    seconds for the connection itself. One thread makes, hears and closes it; any may `send` and `wake`."""

    def __init__(self, url: str, tls: ssl.SSLContext | None, quiet: float, dead: float, connect: float):
        """Raises Ended."""
        self._quiet, self._dead = quiet, dead
        self._asked = False
        self._arrived: collections.deque[dict[str, Any]] = collections.deque()
        self._leaving: collections.deque[str] = collections.deque()
        try:
            self._socket = WebSocket(url, PROTOCOL, tls, connect)
        except NotLetIn as refused:
            raise Ended(not_let_in(refused.status, refused.retry_after)) from refused
        except (OSError, Hung) as lost:
            raise Ended(closed_with(None, str(lost), False)) from lost
        self._bell, self._ringer = socket.socketpair()
        self._opened = self._heard = time.monotonic()

    def send(self, message: Any) -> None:
        self._leaving.append(json.dumps(message))
        self.wake()

    def wake(self) -> None:
        """Whoever hears looks up."""
        try:
            self._ringer.send(b"!")
        except OSError:
            pass  # it is closed

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None: nothing came for so long, or somebody woke us. Raises Ended."""
        try:
            while self._leaving:
                self._socket.send(self._leaving.popleft())
            if not self._arrived:
                self._listen(min(seconds, self._left()))
        except Hung as hung:
            raise self._ended(hung.code, hung.reason) from hung
        except (OSError, ValueError) as lost:
            raise self._ended(None, str(lost)) from lost
        return self._arrived.popleft() if self._arrived else None

    def close(self) -> None:
        self._socket.close()
        self._bell.close()
        self._ringer.close()

    def _listen(self, seconds: float) -> None:
        ready = [self._socket] if self._socket.has_more else select.select([self._socket, self._bell], [], [], max(0.0, seconds))[0]
        if self._bell in ready:
            self._bell.recv(4096)
        if self._socket in ready:
            messages = [json.loads(text) for text in self._socket.receive()]
            self._heard, self._asked = time.monotonic(), False
            self._arrived += [message for message in messages if message["type"] != "pong"]

    def _left(self) -> float:
        """Seconds until somebody should be asked, or nobody is there."""
        left = self._heard + (self._dead if self._asked else self._quiet) - time.monotonic()
        if left > 0:
            return left
        if self._asked:
            raise Hung(None, "nobody answers")
        self._asked, self._heard = True, time.monotonic()
        self._socket.send(json.dumps({"type": "ping"}))
        return self._dead

    def _ended(self, code: int | None, reason: str) -> Ended:
        return Ended(closed_with(code, reason, time.monotonic() - self._opened > STANDS_AFTER))
