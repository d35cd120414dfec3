# tests/e2e/wire.py: a client that sends exactly the bytes it is told, and takes apart what comes back.
import base64
import json
import os
import socket
import struct
import urllib.parse

from api import PROBLEM, patience

HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"


class Answer:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if line)}
        self.body = body

    @property
    def code(self):
        return json.loads(self.body)["error"]["code"]

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]}"


class Wire:
    """One connection."""

    def __init__(self, url, seconds=30, wrap=None):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), patience(seconds))
        self.received = b""
        if wrap:
            self.socket = wrap(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *pieces):
        """Who is refused in the middle may see the connection end before all is sent."""
        try:
            for piece in pieces:
                self.socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def more(self):
        try:
            got = self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            got = b""
        self.received += got
        return bool(got)

    def answer(self):
        """The next one; None: the connection has ended."""
        while b"\r\n\r\n" not in self.received:
            if not self.more():
                return None
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        answer = Answer(head, b"")
        size = int(answer.headers.get("content-length", "0"))
        while len(self.received) < size and self.more():
            pass
        answer.body, self.received = self.received[:size], self.received[size:]
        return answer

    def is_closed(self):
        """By the other side, in time, without a word more than was read."""
        while self.more():
            pass
        return not self.received


def exchange(url, *pieces):
    with Wire(url) as wire:
        return wire.send(*pieces).answer()


def request(method, path, body=b"", *fields):
    """Bytes of a request with its Content-Length."""
    head = b"%s %s HTTP/1.1\r\n%s%sContent-Length: %d\r\n" % (method.encode(), path.encode(), HOST, JSON if body else b"", len(body))
    return head + b"".join(field.encode("latin-1") + b"\r\n" for field in fields) + b"\r\n" + body


def is_problem(answer, *statuses):
    """A refusal in the form that all have; gives its code."""
    assert answer is not None, "the connection ended without an answer"
    assert answer.status in statuses, answer
    assert answer.headers["content-type"].startswith(PROBLEM), answer
    body = json.loads(answer.body)
    assert body["status"] == answer.status and body["error"]["requestId"] == answer.headers["x-request-id"], answer
    return body["error"]["code"]


class Frames(Wire):
    """A WebSocket, frame by frame."""

    def upgrade(self, *fields):
        key = base64.b64encode(os.urandom(16))
        self.send(b"GET /ws HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  b"Sec-WebSocket-Protocol: kiroku.v1.json\r\nSec-WebSocket-Key: " + key + b"\r\n"
                  + b"".join(field.encode() + b"\r\n" for field in fields) + b"\r\n")
        return self.answer()

    def say(self, first_byte, payload, masked=True):
        size = len(payload)
        flag = 0x80 if masked else 0
        head = bytes([first_byte, flag | size]) if size < 126 else bytes([first_byte, flag | 126]) + struct.pack(">H", size) \
            if size < 65536 else bytes([first_byte, flag | 127]) + struct.pack(">Q", size)
        return self.send(head + (b"\0\0\0\0" if masked else b"") + payload)

    def close_code(self):
        """Reads on until it is closed; 0: without a word."""
        while True:
            while len(self.received) < 4:
                if not self.more():
                    return 0
            kind, size = self.received[0] & 0x0F, self.received[1] & 0x7F
            start = 4 if size == 126 else 2
            size = struct.unpack(">H", self.received[2:4])[0] if size == 126 else size
            while len(self.received) < start + size:
                if not self.more():
                    return 0
            payload, self.received = self.received[start:start + size], self.received[start + size:]
            if kind == 8:
                return struct.unpack(">H", payload[:2])[0]
