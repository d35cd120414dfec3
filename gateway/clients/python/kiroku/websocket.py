# gateway/clients/python/kiroku/websocket.py: the client's side of a WebSocket (RFC 6455), text both ways, for one thread.
from __future__ import annotations

import base64
import hashlib
import os
import ssl
import struct

from .wire import Hung, Wire

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MOST_MESSAGE = 4 * 1024 * 1024
CONTINUATION, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10


def masked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


class WebSocket(Wire):
    """Raises NotLetIn, Hung or OSError."""

    def __init__(self, url: str, protocol: str, tls: ssl.SSLContext | None, timeout: float):
        super().__init__(url, tls, timeout)
        self._parts: list[bytes] = []
        try:
            self._shake_hands(protocol)
        except BaseException:
            self._line.close()
            raise

    def send(self, text: str) -> None:
        self._send(TEXT, text.encode())

    def receive(self) -> list[str]:
        """The messages that have come, once there is something to read. Raises Hung."""
        self._fill()
        messages = []
        while (frame := self._next_frame()) is not None:
            message = self._take(*frame)
            if message is not None:
                messages.append(message)
        return messages

    def close(self) -> None:
        try:
            self._send(CLOSE, struct.pack("!H", 1000))
        except OSError:
            pass
        super().close()

    def _shake_hands(self, protocol: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        headers = self._ask(101, f"GET {self.path or '/'} HTTP/1.1", f"Host: {self.host}", "Upgrade: websocket", "Connection: Upgrade",
                            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Protocol: {protocol}")
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        if headers.get("Sec-WebSocket-Accept") != accept:
            raise ConnectionError("whoever answers is no WebSocket")

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        """(whether it is a message's last, opcode, payload) of a frame that has come whole. Gateways don't mask."""
        if len(self._buffer) < 2:
            return None
        first, size = self._buffer[0], self._buffer[1] & 0x7F
        begin = {126: 4, 127: 10}.get(size, 2)
        if len(self._buffer) < begin:
            return None
        if begin > 2:
            size = int.from_bytes(self._buffer[2:begin], "big")
        if size > MOST_MESSAGE:
            raise Hung(None, "a message is too long")
        if len(self._buffer) < begin + size:
            return None
        payload = bytes(self._buffer[begin:begin + size])
        del self._buffer[:begin + size]
        return bool(first & 0x80), first & 0x0F, payload

    def _take(self, last: bool, opcode: int, payload: bytes) -> str | None:
        if opcode == CLOSE:
            code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None
            raise Hung(code, payload[2:].decode(errors="replace"))
        if opcode == PING:
            self._send(PONG, payload)
        if opcode not in (TEXT, CONTINUATION):
            return None
        self._parts.append(payload)
        if not last:
            return None
        whole, self._parts = b"".join(self._parts), []
        return whole.decode()

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        told = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size)
        mask = os.urandom(4)
        self._line.settimeout(self._timeout)
        self._line.sendall(bytes([0x80 | opcode]) + told + mask + masked(payload, mask))
