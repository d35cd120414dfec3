# gateway/clients/python/kiroku/publications.py: what was published and isn't acknowledged yet: told again until it is.
from __future__ import annotations

import concurrent.futures
import dataclasses
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Generic, Literal, TypeVar

from .problems import KirokuError, Refused, Unreachable
from .retries import pause_before

T = TypeVar("T")

# A gateway lets eight be under way on a connection, challenges that are looked up among them; 60 messages at once, 20 a second.
UNDER_WAY = 6
AT_ONCE = 40.0
A_SECOND = 16.0


@dataclass(frozen=True)
class Acknowledged(Generic[T]):
    """It is done: durable, if it is something that is kept. `answer`: the body that the POST is answered with. `position`: reads
    that are told it see it; this client's do so by themselves. `replayed`: it had happened before, and is only told again."""

    id: str
    answer: T
    position: str | None
    replayed: bool


class ByPost(Exception):
    """There is no WebSocket: whoever publishes is to do it by POST."""


@dataclass
class _Publication:
    message: dict[str, Any]
    done: concurrent.futures.Future[Acknowledged[Any]] = dataclasses.field(default_factory=concurrent.futures.Future)
    state: Literal["waits", "said"] = "waits"
    not_before: float = 0.0
    turn: int = 0
    refused: Refused | None = None  # why it was not done the last time

    @property
    def is_fleeting(self) -> bool:
        return bool(self.message["type"] == "show_typing")


class Publications:
    """For any thread; the one that hears the line calls `opened`, `pump`, `heard` and `cut`."""

    def __init__(self, saw: Callable[[str], None], pause: float, longest_pause: float):
        """`saw` is told of positions."""
        self._saw, self._pause, self._longest_pause = saw, pause, longest_pause
        self._lock = threading.Lock()
        self._all: dict[str, _Publication] = {}
        self._left, self._counted_at = AT_ONCE, 0.0

    def add(self, id: str, message: dict[str, Any]) -> concurrent.futures.Future[Acknowledged[Any]]:
        """To be told with the next `pump`."""
        with self._lock:
            if id in self._all:
                raise KirokuError(f"{id} is being published already")
            self._all[id] = _Publication(message)
            return self._all[id].done

    def wait(self, id: str, done: concurrent.futures.Future[Acknowledged[Any]], timeout: float) -> Acknowledged[Any]:
        """Raises ByPost, KirokuError."""
        try:
            return done.result(timeout)
        except TimeoutError:
            with self._lock:
                one = self._all.pop(id, None)
            if done.done():
                return done.result()
            raise (one and one.refused) or Unreachable(f"no acknowledgement within {timeout:.1f} s") from None

    def opened(self) -> None:
        with self._lock:
            self._left, self._counted_at = AT_ONCE, time.monotonic()

    def pump(self, say: Callable[[Any], bool]) -> float:
        """Tells what isn't told yet; gives the seconds until there may be more to tell."""
        with self._lock:
            now, rest = time.monotonic(), 60.0
            self._left = min(AT_ONCE, self._left + (now - self._counted_at) * A_SECOND)
            self._counted_at = now
            under_way = sum(one.state == "said" for one in self._all.values())
            for id, one in list(self._all.items()):
                if one.state == "said" or under_way >= UNDER_WAY:
                    continue
                if one.not_before > now or self._left < 1:
                    rest = min(rest, max(one.not_before - now, (1 - self._left) / A_SECOND))
                    continue
                if not say({"type": "publish", "id": id, "message": one.message}):
                    self._all.pop(id).done.set_exception(ByPost())
                    continue
                one.state = "said"
                self._left, under_way = self._left - 1, under_way + 1
            return max(0.001, rest)

    def cut(self) -> None:
        """The line is gone: nobody knows what became of what was said on it. What only meant that moment is not told again."""
        with self._lock:
            for one in self._all.values():
                one.state = "waits"
            fleeting = [self._all.pop(id) for id in [id for id, one in self._all.items() if one.is_fleeting]]
        for one in fleeting:
            one.done.set_exception(Unreachable("the connection is gone"))

    def heard(self, message: dict[str, Any]) -> bool:
        """Whether an `ack` or `error` answers something of ours."""
        id = message.get("id")
        with self._lock:
            one = self._all.get(id or "")
            if one is None or id is None:
                return False
            if message["type"] == "error":
                one.refused = Refused.said(one.message["type"], message)
                if one.refused.retryable:
                    one.state, one.not_before = "waits", time.monotonic() + pause_before(one.turn, self._pause, self._longest_pause)
                    one.turn += 1
                    return True
            del self._all[id]
        if one.refused is not None and message["type"] == "error":
            one.done.set_exception(one.refused)
            return True
        if "position" in message:
            self._saw(message["position"])
        one.done.set_result(Acknowledged(id, message.get("answer"), message.get("position"), message.get("replayed", False)))
        return True

    def end(self, error: KirokuError) -> None:
        with self._lock:
            ended, self._all = self._all, {}
        for one in ended.values():
            one.done.set_exception(error)
