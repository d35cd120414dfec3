# gateway/clients/python/kiroku/room.py: who practises the same challenge now, and who is typing there.
from __future__ import annotations

import datetime
import threading
import time
from typing import Any, Callable

from .generated.types import MemberMessage
from .subscription import Subscription

TYPING = 5.0  # as long as the gateway has typing shown; what its clock and ours disagree about doesn't lengthen it
TYPING_PAUSE = 1.0  # one a second is passed on


def _shown_for(expires_at: str) -> float:
    left = datetime.datetime.fromisoformat(expires_at).timestamp() - time.time()
    return left if 0 < left < TYPING else TYPING


class Room:
    """For any thread. The view stays over cuts: what was told last is kept until a new snapshot replaces it."""

    def __init__(self, subscription: Subscription, say_typing: Callable[[str], bool], call: Callable[..., None],
                 on_changed: Callable[[list[MemberMessage]], None] | None, on_typing: Callable[[list[str]], None] | None):
        """`call` runs a listener, whatever it raises."""
        self._subscription, self._say_typing, self._call = subscription, say_typing, call
        self._on_changed, self._on_typing = on_changed, on_typing
        self._lock = threading.Lock()
        self._there: dict[str, MemberMessage] = {}
        self._typers: dict[str, float] = {}  # until when, by time.monotonic()
        self._told: list[str] = []
        self._typed_at = -TYPING_PAUSE

    @property
    def channel(self) -> str:
        return self._subscription.channel

    @property
    def members(self) -> list[MemberMessage]:
        """Who is there, ourselves too, those first who came first. Someone with several connections is told once."""
        with self._lock:
            return sorted(self._there.values(), key=lambda member: member["since"])

    @property
    def typing(self) -> list[str]:
        """The ids of those who type now. Oneself is never among them."""
        with self._lock:
            return [user_id for user_id, until in self._typers.items() if until > time.monotonic()]

    def wait(self, timeout: float | None = None) -> bool:
        """Until the gateway has let us in; `members` are told a moment later. False: not in time. Raises KirokuError if it never will."""
        return self._subscription.wait(timeout)

    def show_typing(self) -> bool:
        """To be called with every key that is pressed: it is said once a second. False: it wasn't said now. By server-sent events it
        never is."""
        now = time.monotonic()
        if now - self._typed_at < TYPING_PAUSE or not self._say_typing(self.channel):
            return False
        self._typed_at = now
        return True

    def leave(self) -> None:
        self._subscription.stop()
        self.cut()

    def heard(self, message: dict[str, Any]) -> None:
        """For Realtime, as all that follows."""
        if message["type"] == "typing":
            with self._lock:
                self._typers[message["userId"]] = time.monotonic() + _shown_for(message["expiresAt"])
            return
        with self._lock:
            before = set(self._there)
            if message["type"] == "presence":
                self._there = {member["userId"]: member for member in message["members"]}
            else:
                self._there |= {member["userId"]: member for member in message["joined"]}
                for user_id in message["left"]:
                    self._there.pop(user_id, None)
            changed = before != set(self._there)
            self._typers = {user_id: until for user_id, until in self._typers.items() if user_id in self._there}
        if changed and self._on_changed is not None:
            self._call(self._on_changed, self.members)

    def cut(self) -> None:
        with self._lock:
            self._typers = {}
        self.pass_time()

    def pass_time(self) -> float:
        """Tells who began or stopped typing; gives the seconds until somebody stops by themselves."""
        typing = self.typing
        with self._lock:
            changed, self._told = typing != self._told, typing
            left = min(self._typers.values(), default=time.monotonic() + TYPING) - time.monotonic()
            self._typers = {user_id: self._typers[user_id] for user_id in typing if user_id in self._typers}
        if changed and self._on_typing is not None:
            self._call(self._on_typing, typing)
        return max(0.01, left)
