# gateway/clients/python/kiroku/server_sent.py: the client's side of server-sent events (HTML, section 9.2), for one thread.
from __future__ import annotations

import json
import ssl
import urllib.parse
from typing import Any

from .wire import Hung, Wire

MOST_CHUNK = 4 * 1024 * 1024


class ServerSent(Wire):
    """What GET /events/stream tells, from `positions` on, one for each channel ("": from now on). Raises NotLetIn, Hung or OSError.
    `retry`: the seconds after which a gateway wants to see us again."""

    def __init__(self, url: str, token: str, positions: dict[str, str], tls: ssl.SSLContext | None, timeout: float):
        super().__init__(url, tls, timeout)
        self.retry = 0.0
        self._text = bytearray()
        self._ended = False
        last = [f"Last-Event-ID: {','.join(positions.values())}"] if any(positions.values()) else []
        channels = urllib.parse.urlencode({"channel": ",".join(positions)})
        try:
            headers = self._ask(200, f"GET {self.path}?{channels} HTTP/1.1", f"Host: {self.host}", "Accept: text/event-stream",
                                f"Authorization: Bearer {token}", *last)
        except BaseException:
            self._line.close()
            raise
        self._chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        self._unread = bool(self._buffer)  # what came together with the head

    @property
    def has_more(self) -> bool:
        return self._unread or self._ended or super().has_more

    def receive(self) -> list[dict[str, Any]]:
        """The messages that have come, once there is something to read. Raises Hung."""
        if self._ended:
            raise Hung(None, "the stream broke off")
        if not self._unread:
            self._fill()
        self._unread = False
        while (piece := self._next_piece()) is not None:
            self._text += piece
        *blocks, rest = self._text.replace(b"\r", b"").split(b"\n\n")
        self._text = bytearray(rest)
        return [message for message in (self._message(block.decode()) for block in blocks) if message is not None]

    def _next_piece(self) -> bytes | None:
        """Of the body, if it has come whole."""
        size, begin, after = len(self._buffer), 0, 0
        if self._chunked:
            end = self._buffer.find(b"\r\n")
            if end < 0:
                return None
            size, begin, after = int(self._buffer[:end].split(b";")[0], 16), end + 2, 2
            self._ended = size == 0
        if size > MOST_CHUNK:
            raise Hung(None, "a message is too long")
        if size == 0 or len(self._buffer) < begin + size + after:
            return None
        piece = bytes(self._buffer[begin:begin + size])
        del self._buffer[:begin + size + after]
        return piece

    def _message(self, block: str) -> dict[str, Any] | None:
        """None: a comment, or only when to come back."""
        data = []
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
            elif name == "retry" and value.strip().isdecimal():
                self.retry = float(value) / 1000
        message: dict[str, Any] | None = json.loads("\n".join(data)) if data else None
        return message
