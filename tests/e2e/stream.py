# tests/e2e/stream.py: a client of server-sent events for tests that don't wait for ever.
import contextlib
import json
import socket
import threading

import requests

from api import patience


class Stream:
    """GET /events/stream in a thread. Everything that comes is kept: `messages`, each with its `id`, and the latest id."""

    def __init__(self, api, learner, channel=None, last_id=None):
        self.arrived = threading.Condition()
        self.messages, self.last_id, self.ended, self.beats, self.retry = [], last_id, False, 0, None
        headers = learner.headers("own") | ({"Last-Event-ID": last_id} if last_id else {})
        self.answer = requests.get(api.url + "/events/stream", params={"channel": channel} if channel else {}, headers=headers,
                                   stream=True, timeout=patience(60))
        assert self.answer.status_code == 200, self.answer.text
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        rest = b""
        try:
            for chunk in self.answer.raw.stream(1 << 16):
                rest += chunk
                *whole, rest = rest.split(b"\n\n")
                for block in whole:
                    self._take(block.decode())
        except Exception:  # cut off: the test asks `ended`, or for what came
            pass
        with self.arrived:
            self.ended = True
            self.arrived.notify_all()

    def _take(self, block):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        with self.arrived:
            self.beats += block == ":"
            self.retry = int(fields.get("retry", self.retry or 0))
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                message = json.loads(fields["data"])
                assert message["type"] == fields["event"]
                self.messages.append(message)
            self.arrived.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the connection under the thread that reads it: to close the answer would wait for its next byte."""
        with contextlib.suppress(OSError, AttributeError):  # ended already
            self.answer.raw.connection.sock.shutdown(socket.SHUT_RDWR)
        self.answer.close()

    def of_kind(self, kind):
        with self.arrived:
            return [message for message in self.messages if message["type"] == kind]

    def events(self, channel="me"):
        return [message["event"] for message in self.of_kind("event") if message["channel"] == channel]

    def wait_for(self, condition, seconds=10):
        with self.arrived:
            assert self.arrived.wait_for(condition, patience(seconds)), (self.ended, self.messages[-5:])
        return self

    def subscribed(self, seconds=10):
        """How each channel was taken up, once the first is."""
        self.wait_for(lambda: self.of_kind("subscribed"), seconds)
        return self.of_kind("subscribed")

    def closed(self, seconds=15):
        """What it was told at its end."""
        self.wait_for(lambda: self.ended, seconds)
        return self.messages[-1]
