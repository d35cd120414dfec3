# gateway/clients/python/kiroku/realtime.py: channels that are followed over one line, resumed wherever it was cut.
from __future__ import annotations

import logging
import random
import ssl
import threading
import time
import uuid
from typing import Any, Callable, Literal, TypedDict, Unpack, overload

from .calls import Answer
from .closes import Closed
from .connection import Connection
from .generated.types import (
    ClientMessage,
    MemberMessage,
    PublishedMessage,
    RecordProgressMessage,
    RecordProgressResponse,
    ShowTypingMessage,
)
from .line import Ended, Line, Silence
from .login import Login
from .problems import KirokuError, Refused, SignedOut
from .publications import Acknowledged, ByPost, Publications
from .retries import pause_before
from .room import Room
from .stream import EventStream
from .subscription import Subscription

State = Literal["connecting", "live", "waiting", "ended"]
Transport = Literal["websocket", "sse", "auto"]
log = logging.getLogger("kiroku")

SOON = 1.0
SLOWLY = 2.0
LOOKS_UP = 1.0  # seconds between two looks at what else is due
ASKED_AGAIN = 2.0
QUIET = {"websocket": 20.0, "sse": 35.0}  # gateways are silent for 15 s on a stream of server-sent events that has nothing to tell


class RealtimeSettings(TypedDict, total=False):
    """`transport`: "websocket" (if it isn't told), "sse" (server-sent events, for where WebSockets don't get through, of four channels at
    most: `publish` goes by POST, and nobody is shown that one types), or "auto": the other one whenever one couldn't be made. Times are
    seconds."""

    transport: Transport
    on_state: Callable[[State, int | None, str], None]  # told state, code, reason
    on_message: Callable[[dict[str, Any]], None]  # what this client doesn't know itself: `error`, and what newer gateways tell
    quiet: float  # after so long without a word we ask whether anybody is there,
    dead: float  # and wait so long for an answer
    connect: float  # for the connection itself
    pause: float  # the first pause before coming back is up to so long, each one after it up to twice as long,
    longest_pause: float  # but none longer than this


class Realtime:
    """For any thread; what it calls, it calls from one of its own. It has ended by `close`, by a mistake that coming back won't mend, or
    because nobody is logged in any more."""

    def __init__(self, url: str, login: Login, tls: ssl.SSLContext | None, record_progress: Callable[..., Answer[RecordProgressResponse]],
                 saw: Callable[[str], None], **settings: Unpack[RealtimeSettings]):
        """`record_progress` does so by POST; `saw` is told of the positions of what was published."""
        self._url, self._login, self._tls, self._record_progress = url, login, tls, record_progress
        self._on_state, self._on_message = settings.get("on_state"), settings.get("on_message")
        self._quiet, self._dead, self._connect = settings.get("quiet"), settings.get("dead", 10.0), settings.get("connect", 15.0)
        self._pause, self._longest_pause = settings.get("pause", 0.25), settings.get("longest_pause", 30.0)
        self._switches = settings.get("transport") == "auto"
        self._way: Literal["websocket", "sse"] = "sse" if settings.get("transport") == "sse" else "websocket"
        self._lock = threading.RLock()
        self._followed: dict[str, Subscription] = {}
        self._asks: dict[str, float] = {}  # channels that are asked for again, and when, by time.monotonic()
        self._publications = Publications(saw, self._pause, self._longest_pause)
        self._line: Line | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._token: str | None = None
        self._due_at = 0.0

    def subscribe(self, channel: str, on_event: Callable[[dict[str, Any]], None], on_missed: Callable[[], None] | None = None,
                  since: str | None = None) -> Subscription:
        """`on_missed`: something may have happened that won't be told: fetch anew what you show. `since`: the position up to which
        everything is known already."""
        return self._follow(Subscription(channel, on_event, on_missed, since, self._unsubscribe))

    def join(self, challenge_id: str, on_changed: Callable[[list[MemberMessage]], None] | None = None,
             on_typing: Callable[[list[str]], None] | None = None) -> Room:
        """Who practises this challenge now, and who is typing: to be there oneself. `on_changed`: somebody came or left: all who are
        there now; `on_typing`: the ids of all who type now."""
        one = Subscription(f"challenge:{challenge_id}", lambda _: None, None, None, self._unsubscribe)
        room = Room(one, self._say_typing, self._call, on_changed, on_typing)
        one.room = room
        self._follow(one)
        return room

    @overload
    def publish(self, message: RecordProgressMessage, *, id: str | None = None, timeout: float = 30.0) -> Acknowledged[RecordProgressResponse]: ...

    @overload
    def publish(self, message: ShowTypingMessage, *, id: str | None = None, timeout: float = 30.0) -> Acknowledged[None]: ...

    def publish(self, message: PublishedMessage, *, id: str | None = None, timeout: float = 30.0) -> Acknowledged[Any]:
        """Has it done, once, and returns when it is: told again with the same id over all cuts until it is acknowledged. Raises
        Refused, or after `timeout` or `close` what hindered it: then nobody knows, and the same id may be published again; an
        idempotency_key of a POST is the same. Not to be called by a listener: its thread is the one that hears the answer."""
        until, id = time.monotonic() + timeout, id or str(uuid.uuid4())
        if threading.current_thread() is self._thread:
            raise KirokuError("a listener can't wait for what it publishes: publish from another thread")
        if self._way == "websocket":
            try:
                done = self._publications.add(id, dict(message))
                self._begin()
                return self._publications.wait(id, done, timeout)
            except ByPost:
                pass
        if message["type"] != "record_progress":
            raise KirokuError(f"{message['type']} needs a WebSocket")
        answer = self._record_progress(message["sessionId"], message["progress"], idempotency_key=id, timeout=max(0.0, until - time.monotonic()))
        return Acknowledged(id, answer.body, answer.position, answer.replayed)

    def send(self, message: ClientMessage) -> bool:
        """Says something else of the protocol; False: there is no WebSocket at the moment."""
        with self._lock:
            return self._line is not None and self._line.say(message)

    def close(self) -> None:
        """A subscription after that connects again."""
        with self._lock:
            thread = self._thread
            self._over.set()
            if self._line is not None and thread is not threading.current_thread():
                self._line.wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join(self._connect + LOOKS_UP)

    def __enter__(self) -> Realtime:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _follow(self, one: Subscription) -> Subscription:
        with self._lock:
            if one.channel in self._followed:
                raise KirokuError(f"{one.channel} is followed already")
            self._followed[one.channel] = one
            if not self._begin():
                self._ask(one)
        return one

    def _begin(self) -> bool:
        """False: it was begun before; whoever hears looks up."""
        with self._lock:
            if self._thread is not None:
                if self._line is not None:
                    self._line.wake()
                return False
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._over,), name="kiroku-realtime", daemon=True)
            self._thread.start()
            return True

    def _run(self, over: threading.Event) -> None:
        """Connects until it is over; `turn` counts lines that didn't stand."""
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
            return closed.after + random.uniform(0, SOON)
        slowly = SLOWLY if closed.remedy == "slow down" else 0.0
        return closed.after + slowly + pause_before(turn, self._pause, self._longest_pause)

    def _stay(self, over: threading.Event) -> Closed:
        """Connects, and listens until it can't any more; says why."""
        self._tell("connecting", Closed(None, ""))
        self._token, self._due_at = self._login.access(), self._login.due_at
        if self._token is None:
            raise SignedOut("nobody is logged in")
        silence = Silence(QUIET[self._way] if self._quiet is None else self._quiet, self._dead, self._connect)
        make: Callable[[str, str, ssl.SSLContext | None, Silence], Line] = EventStream if self._way == "sse" else Connection
        try:
            line = make(self._url, self._token, self._tls, silence)
        except Ended as ended:
            return self._not_made(ended.closed)
        try:
            self._listen(line, over)
            return Closed(None, "closed")
        except Ended as ended:
            return ended.closed if line.stands else self._not_made(ended.closed)
        finally:
            self._leave(line)

    def _not_made(self, closed: Closed) -> Closed:
        """No line could be made this way: perhaps by the other one."""
        if not self._switches or closed.remedy == "renew":
            return closed
        self._way = "websocket" if self._way == "sse" else "sse"
        return closed._replace(remedy="come back")

    def _listen(self, line: Line, over: threading.Event) -> None:
        """Raises Ended."""
        with self._lock:
            self._line = line
            self._asks.clear()
            for one in self._followed.values():
                self._ask(one)
        stood = False
        while not over.is_set():
            if line.stands and not stood:
                stood = True
                self._tell("live", Closed(None, ""))
                self._publications.opened()
            self._renew_in_time(line)
            message = line.hear(min(LOOKS_UP, self._see_to_others(line) if stood or self._way == "sse" else LOOKS_UP))
            if message is not None:
                self._heard(message)

    def _see_to_others(self, line: Line) -> float:
        """What else is due; gives the seconds until the next may be."""
        rests = [self._publications.pump(line.say)]
        with self._lock:
            rooms = [one.room for one in self._followed.values()]
            for channel in [channel for channel, at in self._asks.items() if at <= time.monotonic()]:
                del self._asks[channel]
                if channel in self._followed and not self._followed[channel].live:
                    self._ask(self._followed[channel])
        rests += [room.pass_time() for room in rooms if isinstance(room, Room)]
        return min(rests)

    def _leave(self, line: Line) -> None:
        with self._lock:
            self._line = None
            followed = list(self._followed.values())
        for one in followed:
            one.cut()
        self._publications.cut()
        line.close()

    def _ask(self, one: Subscription) -> None:
        if self._line is not None:
            one.asked_since = one.position
            self._line.subscribe(one.channel, one.position)

    def _unsubscribe(self, one: Subscription) -> None:
        with self._lock:
            if self._followed.get(one.channel) is one:
                del self._followed[one.channel]
                if self._line is not None:
                    self._line.unsubscribe(one.channel)

    def _say_typing(self, channel: str) -> bool:
        with self._lock:
            one = self._followed.get(channel)
            if self._way == "sse" or self._line is None or one is None or not one.live:
                return False
            self._publications.add(str(uuid.uuid4()), {"type": "show_typing", "channel": channel})
            self._line.wake()
            return True

    def _renew_in_time(self, line: Line) -> None:
        """Before the token ends, another one is told on the same line."""
        if time.time() < self._due_at:
            return
        try:
            token = self._login.access()
        except KirokuError:
            return  # until the gateway closes: then it is seen to
        if token is not None and token != self._token:
            self._token, self._due_at = token, self._login.due_at
            line.authenticate(token)

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
        elif kind in ("presence", "presence_changed", "typing") and one is not None and one.room is not None:
            one.room.heard(message)
        elif kind in ("ack", "error") and self._publications.heard(message):
            pass
        elif kind not in ("authenticated", "unsubscribed"):
            if kind == "error" and one is not None and not one.live:
                self._refused(one, message)
            if self._on_message is not None:
                self._call(self._on_message, message)

    def _subscribed(self, one: Subscription, message: dict[str, Any]) -> None:
        resumed = one.live or bool(one.asked_since)
        one.live, one.position = True, message["position"]
        if resumed and not message["recovered"] and one.on_missed is not None:
            self._call(one.on_missed)
        one.stands()

    def _refused(self, one: Subscription, message: dict[str, Any]) -> None:
        with self._lock:
            if message.get("retryable"):
                self._asks[one.channel] = time.monotonic() + ASKED_AGAIN * random.uniform(0.5, 1.5)
                return
            del self._followed[one.channel]
        one.stands(Refused.said(one.channel, message))

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
        self._publications.end(error)
        self._tell("ended", closed)
