# tests/e2e/push.py: a WebSocket client of `kiroku.v1.json` for tests that are not asynchronous themselves.
import asyncio
import collections
import json
import threading

import websockets

from api import patience

PROTOCOL = "kiroku.v1.json"


class Loop:
    """One event loop in a thread of its own, for all sockets."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine, seconds=10):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(patience(seconds))


LOOP = Loop()


class Push:
    """A connection. Everything that comes is kept in `messages`; `events` of each channel and the last position, too."""

    def __init__(self, api, protocols=(PROTOCOL,), **more):
        self.messages = []
        self.unread = collections.deque()
        self.positions = {}
        self.arrived = threading.Condition(threading.RLock())
        self.closed = None
        more.setdefault("compression", None)
        subprotocols = list(protocols) or None
        self.socket = LOOP.run(self._connect(api.ws_url, subprotocols=subprotocols, **more))
        asyncio.run_coroutine_threadsafe(self._listen(), LOOP.loop)

    @staticmethod
    async def _connect(url, **more):
        return await websockets.connect(url, **more)

    async def _listen(self):
        try:
            async for text in self.socket:
                self._take(json.loads(text))
        except websockets.ConnectionClosed:
            pass
        with self.arrived:
            self.closed = (self.socket.close_code, self.socket.close_reason)
            self.arrived.notify_all()

    def _take(self, message):
        with self.arrived:
            self.messages.append(message)
            self.unread.append(message)
            if "position" in message and "channel" in message:
                self.positions[message["channel"]] = message["position"]
            self.arrived.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        LOOP.run(self.socket.close())

    def cut(self):
        """Without a word, as when a train enters a tunnel."""
        LOOP.loop.call_soon_threadsafe(self.socket.transport.abort)
        self.close_code()

    def say(self, message):
        LOOP.run(self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message)))

    def authenticate(self, learner):
        self.say({"type": "authenticate", "token": learner.access})
        return self

    def subscribe(self, channel, since=None):
        self.say({"type": "subscribe", "channel": channel} | ({"since": since} if since else {}))
        return self.hears("subscribed")

    def publish(self, id, message):
        self.say({"type": "publish", "id": id, "message": message})

    def answered(self, id, seconds=10):
        """The `ack` or `error` that names this id."""
        of_id = lambda: [message for message in self.messages if message.get("id") == id and message["type"] in ("ack", "error")]
        with self.arrived:
            assert self.arrived.wait_for(lambda: of_id() or self.closed, patience(seconds)), f"{id} is not answered"
        assert of_id(), self.closed
        return of_id()[-1]

    def members(self, channel):
        """Who is there, as snapshots and differences have told."""
        there = set()
        with self.arrived:
            for message in self.messages:
                if message.get("channel") != channel:
                    continue
                if message["type"] == "presence":
                    there = {member["userId"] for member in message["members"]}
                elif message["type"] == "presence_changed":
                    joined, left = {member["userId"] for member in message["joined"]}, set(message["left"])
                    assert not joined & there and left <= there, (there, message)
                    there = (there | joined) - left
        return there

    def wait_for_members(self, channel, expected, seconds=10):
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.members(channel) == set(expected), patience(seconds)), (
                self.members(channel), expected, self.closed)

    def typing(self, channel):
        with self.arrived:
            return [message for message in self.messages if message["type"] == "typing" and message["channel"] == channel]

    def hears(self, kind, seconds=10):
        """The next message, which must be of this type."""
        message = self.next(seconds)
        assert message is not None and message["type"] == kind, f"{message} instead of {kind}; {self.closed}"
        return message

    def next(self, seconds=10):
        with self.arrived:
            self.arrived.wait_for(lambda: self.unread or self.closed, patience(seconds))
            return self.unread.popleft() if self.unread else None

    def hears_nothing(self, seconds=0.3):
        assert self.next(seconds) is None

    def events(self, channel):
        with self.arrived:
            return [message["event"] for message in self.messages if message["type"] == "event" and message["channel"] == channel]

    def wait_for_events(self, channel, count, seconds=10):
        """So many events of the channel, no more and no fewer."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.events(channel)) >= count or self.closed, patience(seconds))
        events = self.events(channel)
        assert len(events) == count, [event.get("type") for event in events]
        return events

    def wait_for_event(self, channel, kind, seconds=10):
        """Until an event of this type has come; gives all."""
        of_kind = lambda: [event for event in self.events(channel) if named(event) == kind]
        with self.arrived:
            assert self.arrived.wait_for(of_kind, patience(seconds)), [named(event) for event in self.events(channel)]
        return self.events(channel)

    def close_code(self, seconds=15):
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.closed, patience(seconds)), "the connection is still open"
        return self.closed[0]


def named(event):
    """`xp_awarded` of `gamification.xp_awarded.v1`."""
    return event["type"].split(".")[1] if event["type"].count(".") == 2 else event["type"]


def listening(api, learner, channel="me", since=None):
    push = Push(api).authenticate(learner)
    return push, push.subscribe(channel, since)


def by_subject(events):
    """The ids of each aggregate's events, in the order in which they came."""
    order = {}
    for event in events:
        order.setdefault(event["subject"], []).append(event["id"])
    return order
