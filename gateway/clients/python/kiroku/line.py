# gateway/clients/python/kiroku/line.py: what a line to a gateway can do, whichever way it goes; and how a thread that hears it is woken.
from __future__ import annotations

import socket
from typing import Any, NamedTuple, Protocol

from .closes import Closed


class Silence(NamedTuple):
    """Seconds. After `quiet` of them without a word we ask whether anybody is there (by server-sent events nobody can ask), and wait
    `dead` of them for an answer; `connect` for the connection itself."""

    quiet: float
    dead: float
    connect: float


class Ended(Exception):
    """The line is gone."""

    def __init__(self, closed: Closed):
        super().__init__(closed.reason)
        self.closed = closed


class Line(Protocol):
    """One thread hears and closes it; any may do the rest."""

    @property
    def stands(self) -> bool:
        """Whether a gateway has answered."""

    def subscribe(self, channel: str, since: str | None) -> None: ...

    def unsubscribe(self, channel: str) -> None: ...

    def authenticate(self, token: str) -> None:
        """Another token of the same user."""

    def say(self, message: Any) -> bool:
        """False: not this way."""

    def wake(self) -> None:
        """Whoever hears looks up."""

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None: nothing came for so long, or somebody woke us. Raises Ended."""

    def close(self) -> None: ...


class Bell:
    """Something for select to wait for, too."""

    def __init__(self) -> None:
        self._bell, self._ringer = socket.socketpair()

    def fileno(self) -> int:
        return self._bell.fileno()

    def ring(self) -> None:
        try:
            self._ringer.send(b"!")
        except OSError:
            pass  # it is closed

    def heard(self) -> None:
        self._bell.recv(4096)

    def close(self) -> None:
        self._bell.close()
        self._ringer.close()
