# tests/chaos/proxy.py: a TCP proxy between clients and servers: cuts the way, holds or loses what passes it.
"""One thread with an event loop. Each `Link` listens on a port of its own for one group of clients and one server, so who
speaks is known without looking; of what a Kafka client says, whole requests are seen, so that one can be held or lost."""
import asyncio
import os
import signal
import struct
import threading

PRODUCE = 0  # Kafka's number of that request
CHUNK = 1 << 16
LENGTH = struct.Struct(">i")
HEAD = struct.Struct(">hhi")  # request: which, version, correlation id


class Rule:
    """What happens to requests that it is meant for. `action`: hold (until `release`), lose, or kill the process `pid`:
    `kill` before the request is sent on, `kill-sent` behind it, `kill-answered` when its answer has been handed over."""

    def __init__(self, action, contains=b"", request=PRODUCE, times=1 << 30, pid=None):
        self.action, self.contains, self.request, self.left, self.pid = action, contains, request, times, pid
        self.met = 0
        self.released = asyncio.Event()
        self.fired = threading.Event()

    def meant_for(self, frame):
        if self.left <= 0 or HEAD.unpack_from(frame)[0] != self.request or self.contains not in frame:
            return False
        self.left -= 1
        self.met += 1
        self.fired.set()
        return True

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Link:
    """One way to one server. `frames`: what passes is Kafka in plain text."""

    def __init__(self, proxy, target, frames=True):
        self.proxy, self.target, self.frames = proxy, target, frames
        self.cut = False
        self.rules = []
        self.on_chunk = None  # called with what a client says; True: hand it over, then end the connection
        self.port = None
        self.connections = set()

    async def listen(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0, limit=CHUNK)
        self.port = server.sockets[0].getsockname()[1]

    async def accept(self, reader, writer):
        if self.cut:
            return writer.transport.abort()
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target, limit=CHUNK)
        except OSError:
            return writer.transport.abort()
        connection = (writer, far_writer)
        self.connections.add(connection)
        answers = {}  # correlation id -> rule
        relay = self.requests if self.frames else self.chunks
        there = asyncio.ensure_future(relay(reader, far_writer, answers))
        back = asyncio.ensure_future(self.answers(far_reader, writer, answers))
        try:
            # What the client has sent goes on to the server even if the client is gone: a late request is a late request.
            await there
            if not back.done():
                await asyncio.wait([back], timeout=0.2)
        finally:
            back.cancel()
            self.connections.discard(connection)
            for end in connection:
                end.transport.abort() if self.cut else end.close()
        return None

    async def requests(self, reader, writer, answers):
        try:
            while True:
                head = await reader.readexactly(4)
                frame = await reader.readexactly(LENGTH.unpack(head)[0])
                for rule in [rule for rule in self.rules if rule.meant_for(frame)]:
                    if rule.action == "hold":
                        await rule.released.wait()
                    elif rule.action == "kill":
                        rule.kill()
                        return
                    elif rule.action == "lose":
                        break
                    elif rule.action == "kill-sent":
                        writer.write(head + frame)
                        await writer.drain()
                        rule.kill()
                        break
                    else:
                        answers[HEAD.unpack_from(frame)[2]] = rule
                else:
                    writer.write(head + frame)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass

    async def chunks(self, reader, writer, _):
        try:
            while chunk := await reader.read(CHUNK):
                last = self.on_chunk is not None and self.on_chunk(chunk)
                writer.write(chunk)
                await writer.drain()
                if last:
                    return
        except (ConnectionError, OSError):
            pass

    async def answers(self, reader, writer, awaited):
        try:
            while True:
                if not self.frames:
                    chunk = await reader.read(CHUNK)
                    if not chunk:
                        break
                    writer.write(chunk)
                    await writer.drain()
                    continue
                head = await reader.readexactly(4)
                frame = await reader.readexactly(LENGTH.unpack(head)[0])
                writer.write(head + frame)
                await writer.drain()
                if rule := awaited.pop(LENGTH.unpack_from(frame)[0], None):
                    rule.kill()
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        writer.close()


class Proxy:
    """All links of a run; its methods may be called from any thread."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def call(self, what):
        """Runs a coroutine in the loop and waits for it."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(30)

    def link(self, target, frames=True):
        link = Link(self, target, frames)
        self.call(link.listen())
        return link

    def cut(self, *links):
        """Ends all connections of these links and refuses new ones."""
        async def do():
            for link in links:
                link.cut = True
                for near, far in list(link.connections):
                    near.transport.abort()
                    far.transport.abort()
        self.call(do())

    def heal(self, *links):
        for link in links:
            link.cut = False

    def rule(self, links, *args, **kwargs):
        """Adds a rule to all of these links; returns it."""
        async def do():
            rule = Rule(*args, **kwargs)
            for link in links:
                link.rules.append(rule)
            return rule
        return self.call(do())

    def end(self, rule, links):
        """Releases what it holds and takes it off."""
        async def do():
            for link in links:
                if rule in link.rules:
                    link.rules.remove(rule)
            rule.released.set()
        self.call(do())

    def stop(self):
        async def end_all():
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.call(end_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
