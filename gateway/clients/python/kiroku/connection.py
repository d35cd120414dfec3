# gateway/clients/python/kiroku/connection.py: one WebSocket: JSON both ways, and an end that is noticed whatever it is.
from __future__ import annotations

import json
import ssl
import struct
import time
from typing import Any

import websocket

from .closes import Closed, closed_with, not_let_in

PROTOCOL = "kiroku.v1.json"
LOST = (websocket.WebSocketException, OSError)
STANDS_AFTER = 10.0


class Ended(Exception):
    """The connection is gone."""

    def __init__(self, closed: Closed):
        super().__init__(closed.reason)
        self.closed = closed


class Connection:
    """After `quiet` seconds without a word it asks whether anybody is there, and waits `dead` seconds for an answer."""

    def __init__(self, url: str, tls: ssl.SSLContext | None, quiet: float, dead: float):
        """Raises Ended."""
        self._quiet, self._dead = quiet, dead
        self._asked = False
        self._opened = self._heard = time.monotonic()
        try:
            self._socket = websocket.create_connection(url, timeout=dead, subprotocols=[PROTOCOL], suppress_origin=True,
                                                       enable_multithread=True, sslopt={"context": tls} if tls else {})
        except websocket.WebSocketBadStatusException as refused:
            headers = getattr(refused, "resp_headers", None) or {}
            raise Ended(not_let_in(refused.status_code, headers.get("retry-after"))) from refused
        except LOST as lost:
            raise Ended(closed_with(None, str(lost), False)) from lost
        self._heard = time.monotonic()

    def send(self, message: Any) -> None:
        """What can't be sent is lost: whoever listens will hear why."""
        try:
            self._socket.send(json.dumps(message))
        except LOST:
            self._socket.abort()

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None: nothing came for so long. Raises Ended."""
        patience = self._dead if self._asked else self._quiet
        left = self._heard + patience - time.monotonic()
        if left <= 0:
            self._silent()
            return None
        self._socket.settimeout(max(0.001, min(seconds, left)))
        try:
            opcode, told = self._socket.recv_data()
        except websocket.WebSocketTimeoutException:
            return None
        except LOST as lost:
            raise self._ended(None, str(lost)) from lost
        self._heard, self._asked = time.monotonic(), False
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            code = struct.unpack("!H", told[:2])[0] if len(told) >= 2 else None
            raise self._ended(code, told[2:].decode(errors="replace"))
        message = json.loads(told)
        return None if message["type"] == "pong" else message

    def wake(self) -> None:
        """Whoever listens hears that it is over."""
        try:
            self._socket.abort()
        except LOST:
            pass

    def close(self) -> None:
        try:
            self._socket.settimeout(1)
            self._socket.close(timeout=1)
        except LOST:
            self._socket.shutdown()

    def _silent(self) -> None:
        if self._asked:
            raise self._ended(None, "nobody answers")
        self._asked, self._heard = True, time.monotonic()
        self.send({"type": "ping"})

    def _ended(self, code: int | None, reason: str) -> Ended:
        return Ended(closed_with(code, reason, time.monotonic() - self._opened > STANDS_AFTER))
