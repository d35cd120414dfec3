# gateway/clients/python/kiroku/connection.py: one WebSocket: JSON both ways, and an end that is noticed whatever it is.
from __future__ import annotations

import collections
import json
import select
import ssl
import time
from typing import Any

from .closes import closed_with, not_let_in
from .line import Bell, Ended, Silence
from .websocket import WebSocket
from .wire import Hung, NotLetIn

PROTOCOL = "kiroku.v1.json"
STANDS_AFTER = 10.0


class Connection:
    """A Line, which stands once it is made."""

    stands = True

    def __init__(self, url: str, token: str, tls: ssl.SSLContext | None, silence: Silence):
        """`url`: the gateway's. Raises Ended."""
        self._silence = silence
        self._asked = False
        self._arrived: collections.deque[dict[str, Any]] = collections.deque()
        self._leaving: collections.deque[str] = collections.deque()
        try:
            self._socket = WebSocket(f"{url}/ws", PROTOCOL, tls, silence.connect)
        except NotLetIn as refused:
            raise Ended(not_let_in(refused.status, refused.headers.get("retry-after"))) from refused
        except (OSError, Hung) as lost:
            raise Ended(closed_with(None, str(lost), False)) from lost
        self._bell = Bell()
        self._opened = self._heard = time.monotonic()
        self.authenticate(token)

    def subscribe(self, channel: str, since: str | None) -> None:
        self.say({"type": "subscribe", "channel": channel} | ({"since": since} if since else {}))

    def unsubscribe(self, channel: str) -> None:
        self.say({"type": "unsubscribe", "channel": channel})

    def authenticate(self, token: str) -> None:
        self.say({"type": "authenticate", "token": token})

    def say(self, message: Any) -> bool:
        self._leaving.append(json.dumps(message))
        self.wake()
        return True

    def wake(self) -> None:
        self._bell.ring()

    def hear(self, seconds: float) -> dict[str, Any] | None:
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

    def _listen(self, seconds: float) -> None:
        ready = [self._socket] if self._socket.has_more else select.select([self._socket, self._bell], [], [], max(0.0, seconds))[0]
        if self._bell in ready:
            self._bell.heard()
        if self._socket in ready:
            messages = [json.loads(text) for text in self._socket.receive()]
            self._heard, self._asked = time.monotonic(), False
            self._arrived += [message for message in messages if message["type"] != "pong"]

    def _left(self) -> float:
        """Seconds until somebody should be asked, or nobody is there."""
        left = self._heard + (self._silence.dead if self._asked else self._silence.quiet) - time.monotonic()
        if left > 0:
            return left
        if self._asked:
            raise Hung(None, "nobody answers")
        self._asked, self._heard = True, time.monotonic()
        self._socket.send(json.dumps({"type": "ping"}))
        return self._silence.dead

    def _ended(self, code: int | None, reason: str) -> Ended:
        return Ended(closed_with(code, reason, time.monotonic() - self._opened > STANDS_AFTER))
