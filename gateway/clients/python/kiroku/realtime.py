# gateway/clients/python/kiroku/realtime.py: channels that are followed over one WebSocket, resumed wherever it was cut.
from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from typing import Any, Callable, Literal

from .closes import Closed
from .connection import Connection, Ended
from .generated.types import ClientMessage, SubscribeMessage
from .login import Login
from .problems import KirokuError, SignedOut
from .retries import pause_before

State = Literal["connecting", "live", "waiting", "ended"]
log = logging.getLogger("kiroku")

SOON = 1.0
SLOWLY = 2.0
LOOKS_UP = 1.0  # seconds between two looks at what else is due


class Subscription:
    """`position`: to go on from, also in another program: `since`."""

    def __init__(self, channel: str, on_event: Callable[[dict[str, Any]], None], on_missed: Callable[[], None] | None,
                 since: str | None, stop: Callable[[Subscription], None]):
        self.channel = channel
        self.position = since
        self.on_event, self.on_missed = on_event, on_missed
        self.asked_since: str | None = None
        self.live = False
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


class Realtime:
    """For any thread; what it calls, it calls from one of its own. `on_state` is told (state, code, reason): ended by `close`, by a
    mistake that coming back won't mend, or because nobody is logged in any more. `on_message` hears what this client doesn't know
    itself: `error`, and what newer gateways tell. Times are seconds."""

    def __init__(self, url: str, login: Login, tls: ssl.SSLContext | None = None, *,
                 on_state: Callable[[State, int | None, str], None] | None = None,
                 on_message: Callable[[dict[str, Any]], None] | None = None,
                 quiet: float = 20.0, dead: float = 10.0, connect: float = 15.0, pause: float = 0.25, longest_pause: float = 30.0):
        self._url = "ws" + url.removeprefix("http") + "/ws"
        self._login, self._tls = login, tls
        self._on_state, self._on_message = on_state, on_message
        self._quiet, self._dead, self._connect = quiet, dead, connect
        self._pause, self._longest_pause = pause, longest_pause
        self._lock = threading.RLock()
        self._followed: dict[str, Subscription] = {}
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._token: str | None = None
        self._due_at = 0.0

    def subscribe(self, channel: str, on_event: Callable[[dict[str, Any]], None], on_missed: Callable[[], None] | None = None,
                  since: str | None = None) -> Subscription:
        """`on_missed`: something may have happened that won't be told: fetch anew what you show. `since`: the position up to which
        everything is known already."""
        with self._lock:
            if channel in self._followed:
                raise KirokuError(f"{channel} is followed already")
            one = self._followed[channel] = Subscription(channel, on_event, on_missed, since, self._unsubscribe)
            if self._thread is None:
                self._over = threading.Event()
                self._thread = threading.Thread(target=self._run, args=(self._over,), name="kiroku-realtime", daemon=True)
                self._thread.start()
            else:
                self._ask(one)
        return one

    def send(self, message: ClientMessage) -> bool:
        """Says something else of the protocol; False: there is no connection at the moment."""
        with self._lock:
            if self._connection is None:
                return False
            self._connection.send(message)
            return True

    def close(self) -> None:
        """A subscription after that connects again."""
        with self._lock:
            thread = self._thread
            self._over.set()
            if self._connection is not None and thread is not threading.current_thread():
                self._connection.wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._connect + LOOKS_UP)

    def __enter__(self) -> Realtime:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, over: threading.Event) -> None:
        """Connects until it is over; `turn` counts connections that didn't stand."""
        turn, closed = 0, Closed(None, "closed")
        error = KirokuError("closed")
        while not over.is_set():
            try:
                closed = self._stay(over)
                if closed.remedy == "renew":
                    self._login.renew(self._token)
            except SignedOut as gone:
                error = gone
                break
            except KirokuError as trouble:
                closed = Closed(None, str(trouble))
            if closed.remedy == "give up":
                error = KirokuError(f"the gateway closed with {closed.code}: {closed.reason}")
                break
            if not over.is_set():
                turn = 0 if closed.stood else turn
                self._tell("waiting", closed)
                over.wait(self._pause_after(closed, turn))
                turn += 1
        self._end(error, closed if closed.code or closed.remedy == "give up" else Closed(None, str(error)))

    def _pause_after(self, closed: Closed, turn: int) -> float:
        if closed.remedy == "soon":
            return random.uniform(0, SOON)
        slowly = SLOWLY if closed.remedy == "slow down" else 0.0
        return closed.after + slowly + pause_before(turn, self._pause, self._longest_pause)

    def _stay(self, over: threading.Event) -> Closed:
        """Connects, and listens until it can't any more; says why."""
        self._tell("connecting", Closed(None, ""))
        self._token, self._due_at = self._login.access(), self._login.due_at
        if self._token is None:
            raise SignedOut("nobody is logged in")
        try:
            connection = Connection(self._url, self._tls, self._quiet, self._dead, self._connect)
        except Ended as ended:
            return ended.closed
        try:
            self._begin(connection)
            while not over.is_set():
                self._renew_in_time(connection)
                message = connection.hear(LOOKS_UP)
                if message is not None:
                    self._heard(message)
            return Closed(None, "closed")
        except Ended as ended:
            return ended.closed
        finally:
            self._leave(connection)

    def _begin(self, connection: Connection) -> None:
        connection.send({"type": "authenticate", "token": self._token})
        self._tell("live", Closed(None, ""))
        with self._lock:
            self._connection = connection
            for one in self._followed.values():
                self._ask(one)

    def _leave(self, connection: Connection) -> None:
        with self._lock:
            self._connection = None
            for one in self._followed.values():
                one.live = False
        connection.close()

    def _ask(self, one: Subscription) -> None:
        one.asked_since = one.position
        message: SubscribeMessage = {"type": "subscribe", "channel": one.channel}
        if one.position:
            message["since"] = one.position
        self.send(message)

    def _unsubscribe(self, one: Subscription) -> None:
        with self._lock:
            if self._followed.get(one.channel) is one:
                del self._followed[one.channel]
                self.send({"type": "unsubscribe", "channel": one.channel})

    def _renew_in_time(self, connection: Connection) -> None:
        """Before the token ends, another one is told on the same connection."""
        if time.time() < self._due_at:
            return
        try:
            token = self._login.access()
        except KirokuError:
            return  # until the gateway closes: then it is seen to
        if token is not None and token != self._token:
            self._token, self._due_at = token, self._login.due_at
            connection.send({"type": "authenticate", "token": token})

    def _heard(self, message: dict[str, Any]) -> None:
        with self._lock:
            one = self._followed.get(message.get("channel", ""))
        kind = message["type"]
        if kind == "subscribed":
            if one is not None:
                self._subscribed(one, message)
        elif kind in ("event", "position"):
            if one is not None and one.live:
                if kind == "event":
                    self._call(one.on_event, message["event"])
                one.position = message["position"]
        elif kind not in ("authenticated", "unsubscribed"):
            if kind == "error" and one is not None:
                one.stands(KirokuError(f"{message['code']}: {message['message']}"))
            if self._on_message is not None:
                self._call(self._on_message, message)

    def _subscribed(self, one: Subscription, message: dict[str, Any]) -> None:
        one.live, one.position = True, message["position"]
        if one.asked_since and not message["recovered"] and one.on_missed is not None:
            self._call(one.on_missed)
        one.stands()

    @staticmethod
    def _call(listener: Callable[..., None], *told: Any) -> None:
        try:
            listener(*told)
        except Exception:
            log.exception("a listener failed")

    def _tell(self, state: State, closed: Closed) -> None:
        if self._on_state is not None:
            self._call(self._on_state, state, closed.code, closed.reason)

    def _end(self, error: KirokuError, closed: Closed) -> None:
        with self._lock:
            self._thread = None
            followed, self._followed = self._followed, {}
        for one in followed.values():
            one.stands(error)
        self._tell("ended", closed)
