# gateway/clients/python/kiroku/wire.py: a connection to a gateway, plain or TLS, on which something is asked that goes on and on.
from __future__ import annotations

import email.message
import http.client
import io
import socket
import ssl
import urllib.parse

MOST_HEADER = 16 * 1024
MOST_REFUSAL = 64 * 1024


class NotLetIn(Exception):
    """The request was answered with another status. `headers` by their names in lower case."""

    def __init__(self, status: int, headers: dict[str, str], text: str):
        super().__init__(f"refused with {status}")
        self.status, self.headers, self.text = status, headers, text


class Hung(Exception):
    """The other side closed, with a code unless the line just broke."""

    def __init__(self, code: int | None, reason: str):
        super().__init__(reason)
        self.code, self.reason = code, reason


class Wire:
    """For one thread. Raises OSError. `timeout` is for the connection and its answer's head, and later for each sending."""

    def __init__(self, url: str, tls: ssl.SSLContext | None, timeout: float):
        place = urllib.parse.urlsplit(url)
        name = place.hostname or ""
        self.host, self.path = place.netloc.rpartition("@")[2], place.path
        self._buffer = bytearray()
        self._timeout = timeout
        self._line: socket.socket = socket.create_connection((name, place.port or (443 if tls else 80)), timeout)
        try:
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                self._line = tls.wrap_socket(self._line, server_hostname=name)
        except BaseException:
            self._line.close()
            raise

    def fileno(self) -> int:
        return self._line.fileno()

    @property
    def has_more(self) -> bool:
        """Something lies here already that select can't see."""
        return isinstance(self._line, ssl.SSLSocket) and self._line.pending() > 0

    def close(self) -> None:
        self._line.close()

    def _ask(self, expected: int, *lines: str) -> email.message.Message:
        """Sends a request's head; gives the answer's headers. Raises NotLetIn, Hung."""
        self._line.sendall("\r\n".join((*lines, "", "")).encode())
        while (end := self._buffer.find(b"\r\n\r\n")) < 0 and len(self._buffer) < MOST_HEADER:
            self._fill()
        head = io.BytesIO(bytes(self._buffer[:end + 4]))
        del self._buffer[:end + 4]
        status = head.readline().split()
        headers = http.client.parse_headers(head)
        told = int(status[1]) if len(status) > 1 and status[1].isdigit() else 0
        if told != expected:
            raise NotLetIn(told, {name.lower(): value for name, value in headers.items()}, self._refusal(headers.get("Content-Length", "")))
        return headers

    def _refusal(self, size: str) -> str:
        whole = min(int(size), MOST_REFUSAL) if size.isdecimal() else 0
        try:
            while len(self._buffer) < whole:
                self._fill()
        except Hung:
            pass  # without its reason, then
        return self._buffer[:whole].decode(errors="replace")

    def _fill(self) -> None:
        piece = self._line.recv(65536)
        if not piece:
            raise Hung(None, "the connection is gone")
        self._buffer += piece
