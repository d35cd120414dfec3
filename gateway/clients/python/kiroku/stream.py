# gateway/clients/python/kiroku/stream.py: one stream of server-sent events for all channels, begun anew when they or the token change.
from __future__ import annotations

import collections
import dataclasses
import select
import ssl
import threading
import time
from typing import Any

from .closes import closed_with, not_let_in
from .connection import STANDS_AFTER
from .line import Bell, Ended, Silence
from .problems import Refused
from .server_sent import ServerSent
from .wire import Hung, NotLetIn

WHERE = "GET /events/stream"
ABOUT_CHANNELS = (400, 403, 404)


@dataclasses.dataclass
class _Followed:
    """`since`: the latest position, from which a stream that is begun anew goes on."""

    since: str
    stands: bool = False


class EventStream:
    """A Line; its connection is made by who hears it."""

    def __init__(self, url: str, token: str, tls: ssl.SSLContext | None, silence: Silence):
        """`url`: the gateway's."""
        self._url, self._token, self._tls, self._silence = url, token, tls, silence
        self._lock = threading.Lock()
        self._channels: dict[str, _Followed] = {}
        self._changed = False
        self._careful = False  # one of several channels was refused: they are asked for one after the other, to find which
        self._arrived: collections.deque[dict[str, Any]] = collections.deque()
        self._stream: ServerSent | None = None
        self._bell = Bell()
        self._opened = self._heard = 0.0
        self._retry = 0.0

    @property
    def stands(self) -> bool:
        return self._opened > 0

    def subscribe(self, channel: str, since: str | None) -> None:
        with self._lock:
            self._channels[channel] = _Followed(since or "")
        self._change()

    def unsubscribe(self, channel: str) -> None:
        with self._lock:
            self._channels.pop(channel, None)
        self._change()

    def authenticate(self, token: str) -> None:
        self._token = token
        self._change()

    def say(self, message: Any) -> bool:
        return False

    def wake(self) -> None:
        self._bell.ring()

    def hear(self, seconds: float) -> dict[str, Any] | None:
        try:
            if self._changed:
                self._begin()
            elif not self._arrived:
                self._listen(seconds)
        except Hung as hung:
            raise self._ended(hung.code, hung.reason) from hung
        except (OSError, ValueError) as lost:
            raise self._ended(None, str(lost)) from lost
        if not self._arrived:
            return None
        message = self._arrived.popleft()
        if message["type"] == "close":
            raise self._ended(message["code"], message["reason"])
        return message

    def close(self) -> None:
        self._hang_up()
        self._bell.close()

    def _change(self) -> None:
        self._changed = True
        self.wake()

    def _hang_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _begin(self) -> None:
        self._changed = False
        self._hang_up()
        positions = self._positions()
        if not positions:
            return
        try:
            self._stream = ServerSent(f"{self._url}/events/stream", self._token, positions, self._tls, self._silence.connect)
        except NotLetIn as refused:
            return self._refused(refused, list(positions))
        self._heard = time.monotonic()
        self._opened = self._opened or self._heard

    def _positions(self) -> dict[str, str]:
        with self._lock:
            following = [channel for channel, one in self._channels.items() if not one.stands]
            return {channel: one.since for channel, one in self._channels.items()
                    if not self._careful or one.stands or channel == following[0]}

    def _listen(self, seconds: float) -> None:
        stream = self._stream
        left = self._heard + self._silence.quiet + self._silence.dead - time.monotonic()
        if stream is not None and left <= 0:
            raise Hung(None, "nothing was heard")
        if stream is not None and stream.has_more:
            ready: list[Any] = [stream]
        else:
            ready = select.select([self._bell, *([stream] if stream else [])], [], [], max(0.0, min(seconds, left) if stream else seconds))[0]
        if self._bell in ready:
            self._bell.heard()
        if stream is not None and stream in ready:
            messages = stream.receive()
            self._heard, self._retry = time.monotonic(), stream.retry
            self._arrived += [message for message in messages if self._takes(message)]

    def _takes(self, message: dict[str, Any]) -> bool:
        """Whether it is of a channel that is still followed; keeps its position."""
        with self._lock:
            one = self._channels.get(message.get("channel", ""))
            if one is None:
                return bool(message["type"] == "close")
            one.since = message.get("position", one.since)
            if message["type"] == "subscribed":
                one.stands = True
                if self._careful:
                    self._careful = self._changed = not all(other.stands for other in self._channels.values())
            return True

    def _refused(self, answer: NotLetIn, channels: list[str]) -> None:
        if answer.status not in ABOUT_CHANNELS:
            raise Ended(not_let_in(answer.status, answer.headers.get("retry-after")))
        with self._lock:
            self._changed = True
            doubtful = [channel for channel in channels if len(channels) == 1 or not self._channels[channel].stands]
            if len(doubtful) == 1 and (self._careful or len(channels) == 1):
                del self._channels[doubtful[0]]
                refused = Refused(WHERE, answer.status, answer.headers, answer.text)
                message = refused.problem["error"]["message"] if refused.problem else str(refused)
                self._arrived.append({"type": "error", "channel": doubtful[0], "code": refused.code, "message": message, "retryable": refused.retryable})
                return
            self._careful = True
            for one in self._channels.values():
                one.stands = False

    def _ended(self, code: int | None, reason: str) -> Ended:
        stood = self._opened > 0 and time.monotonic() - self._opened > STANDS_AFTER
        return Ended(closed_with(code, reason, stood)._replace(after=self._retry if self._opened else 0.0))
