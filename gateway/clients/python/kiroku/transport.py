# gateway/clients/python/kiroku/transport.py: connections to a gateway that are kept and used again, by any thread.
from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
import urllib.parse
from typing import Any, Iterator, Mapping, NamedTuple

from .problems import Unreachable

LOST = (http.client.HTTPException, OSError)
MOST_IDLE = 8
IDLE_SECONDS = 30  # less than the gateway's own patience, so that it rarely hangs up while we begin to speak


class Reply(NamedTuple):
    """`headers` by their names in lower case; `text` or, of a stream, `lines`."""

    status: int
    headers: Mapping[str, str]
    text: str
    lines: Iterator[dict[str, Any]] | None = None


class Transport:
    def __init__(self, url: str, tls: ssl.SSLContext | None = None):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"this is no address of a gateway: {url}")
        self.url = url.rstrip("/")
        self.path = parts.path.rstrip("/")
        self._place = (parts.hostname, parts.port)
        self.tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._lock = threading.Lock()
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []

    def send(self, method: str, target: str, headers: Mapping[str, str], body: str | None, until: float, streamed: bool) -> Reply:
        """One attempt, done `until` a time of time.monotonic(). Raises Unreachable. A stream is given as such if it is answered 200."""
        connection = self._connection()
        try:
            self._hurry(connection, until)
            connection.request(method, self.path + target, None if body is None else body.encode(), dict(headers))
            self._hurry(connection, until)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            if streamed and response.status == 200:
                return Reply(200, told, "", self._lines(connection, response))
            text = self._read(connection, response, until).decode()
        except (*LOST, ValueError) as lost:
            connection.close()
            raise Unreachable(f"{method} {target.partition('?')[0]}: {lost or type(lost).__name__}") from lost
        self._give_back(connection, response)
        return Reply(response.status, told, text)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        host, port = self._place
        return http.client.HTTPSConnection(host, port, context=self.tls) if self.tls else http.client.HTTPConnection(host, port)

    def _give_back(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        response.close()
        with self._lock:
            if not response.will_close and len(self._idle) < MOST_IDLE:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()

    @staticmethod
    def _hurry(connection: http.client.HTTPConnection, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        connection.timeout = left
        if connection.sock is not None:
            connection.sock.settimeout(left)

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, until: float) -> bytes:
        """Piece by piece, so that an answer that trickles in doesn't take for ever."""
        pieces = []
        while piece := response.read1(65536):
            pieces.append(piece)
            if connection.sock is not None:
                self._hurry(connection, until)
        if response.length:  # it was to be longer
            raise http.client.IncompleteRead(b"".join(pieces), response.length)
        return b"".join(pieces)

    @staticmethod
    def _lines(connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
        """Ends the request when the reader has had enough."""
        try:
            for line in response:
                if line.strip():
                    yield json.loads(line)
        except LOST as lost:
            raise Unreachable("the stream was cut off") from lost
        finally:
            response.close()
            connection.close()
