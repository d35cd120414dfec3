# gateway/clients/python/kiroku/subscription.py: a channel that is followed.
from __future__ import annotations

import threading
from typing import Any, Callable, Protocol

from .problems import KirokuError


class Hearer(Protocol):
    """Of what a challenge's channel tells."""

    def heard(self, message: dict[str, Any]) -> None: ...

    def cut(self) -> None:
        """The line is gone."""


class Subscription:
    """`position`: to go on from, also in another program: `since`."""

    def __init__(self, channel: str, on_event: Callable[[dict[str, Any]], None], on_missed: Callable[[], None] | None,
                 since: str | None, stop: Callable[[Subscription], None]):
        self.channel = channel
        self.position = since
        self.on_event, self.on_missed = on_event, on_missed
        self.asked_since: str | None = None
        self.live = False
        self.room: Hearer | None = None
        self.error: KirokuError | None = None
        self._stands = threading.Event()
        self._stop = stop

    def wait(self, timeout: float | None = None) -> bool:
        """Until it stands for the first time: what is fetched after that and what is pushed leave nothing out. False: not in time.
        Raises KirokuError if it never will."""
        stands = self._stands.wait(timeout)
        if self.error is not None:
            raise self.error
        return stands

    def stop(self) -> None:
        self._stop(self)

    def stands(self, error: KirokuError | None = None) -> None:
        """For Realtime, which follows the channel."""
        if not self._stands.is_set():
            self.error = error
        self._stands.set()

    def cut(self) -> None:
        """For Realtime: the line is gone."""
        self.live = False
        if self.room is not None:
            self.room.cut()
