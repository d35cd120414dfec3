# tests/e2e/proxy.py: what lies between clients and gateways, and all that can go wrong there.
import collections
import dataclasses
import http.client
import http.server
import json
import pathlib
import socket
import struct
import threading
import time
import urllib.parse

MEDIA = {".html": "text/html", ".js": "text/javascript"}
SECONDS = 60
PAGES = "/page/"
STREAM = "/events/stream"


@dataclasses.dataclass
class Seen:
    """A request: its headers by lower-case names, and what was answered by the gateway or here; 0: nothing."""

    method: str
    path: str
    headers: dict
    body: str
    status: int = 0


@dataclasses.dataclass
class Trouble:
    """What happens to the next `times` requests whose path ends so. `lost`: the gateway's answer; `dropped`: the request; `held`:
    it waits for seconds; an answer: it is told that, and the gateway nothing."""

    path: str
    kind: str
    times: int
    seconds: float = 0
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    body: str = ""


def cut(one):
    """Without a word, as when a train enters a tunnel."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()


class Proxy:
    """Speaks for `target`, the URL of a gateway, which may become another's. Shows `pages`, a folder, under /page/."""

    def __init__(self, target, pages=None):
        self.target = target
        self.pages = pages and pathlib.Path(pages)
        self.seen = []
        self.troubles = []
        self.pipes = []
        self.muted = False  # True, or "answers": only what gateways say
        self.dripping = False  # what gateways say comes in threes of bytes
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Handler,), {"proxy": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def trouble(self, kind, path, times=1, **more):
        with self.lock:
            self.troubles.append(Trouble(path, kind, times, **more))

    def refuse(self, path, status, times=1, **headers):
        """Answers so itself: no problem of Kiroku's, as a balancer would."""
        self.trouble("answer", path, times, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body="busy")

    def calm(self):
        with self.lock:
            self.troubles.clear()

    def next_trouble(self, path):
        with self.lock:
            for trouble in self.troubles:
                if path.endswith(trouble.path):
                    trouble.times -= 1
                    if trouble.times == 0:
                        self.troubles.remove(trouble)
                    return trouble
        return None

    def requests(self, path, method=None):
        """Those whose path ends so."""
        return [seen for seen in self.seen if seen.path.endswith(path) and method in (None, seen.method)]

    def statuses(self, path):
        return [seen.status for seen in self.requests(path)]

    def cut(self):
        """All WebSockets and streams."""
        with self.lock:
            pipes, self.pipes = self.pipes, []
        for both in pipes:
            for one in both:
                cut(one)
        return len(pipes)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.cut()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy = None

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def act(self):
        path = self.path.split("?")[0]
        if path.startswith(PAGES):
            return self.show(path.removeprefix(PAGES))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, path, {name.lower(): value for name, value in self.headers.items()}, body.decode())
        self.proxy.seen.append(seen)
        trouble = self.proxy.next_trouble(path)
        if trouble and trouble.kind == "held":
            time.sleep(trouble.seconds)
        if trouble and trouble.kind == "dropped":
            return self.hang_up()
        if trouble and trouble.kind == "answer":
            seen.status = trouble.status
            return self.answer(trouble.status, trouble.headers, trouble.body.encode())
        if "upgrade" in seen.headers.get("connection", "").lower():
            return self.pipe(seen)
        if path.endswith(STREAM) and self.command == "GET":
            return self.stream(seen)
        return self.forward(seen, body, trouble)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = act

    def hang_up(self):
        self.close_connection = True
        cut(self.connection)

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if status != 304 and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def show(self, name):
        file = self.proxy.pages / name
        self.answer(200, {"Content-Type": MEDIA[file.suffix]}, file.read_bytes())

    def forward(self, seen, body, trouble):
        place = urllib.parse.urlsplit(self.proxy.target)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "accept-encoding")}
        gateway = http.client.HTTPConnection(place.hostname, place.port, timeout=SECONDS)
        try:
            gateway.request(self.command, self.path, body or None, headers)
            response = gateway.getresponse()
            text = response.read()
        except OSError:
            return self.hang_up()
        finally:
            gateway.close()
        seen.status = response.status
        if trouble and trouble.kind == "lost":
            return self.hang_up()
        return self.answer(response.status, dict(response.getheaders()), text)

    def pipe(self, seen):
        """A WebSocket's bytes, both ways, until somebody cuts it."""
        place = urllib.parse.urlsplit(self.proxy.target)
        self.close_connection = True
        try:
            gateway = socket.create_connection((place.hostname, place.port), timeout=SECONDS)
        except OSError:
            return self.hang_up()
        gateway.settimeout(None)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        gateway.sendall(f"{self.requestline}\r\n{head}\r\n".encode())
        seen.status = 101
        with self.proxy.lock:
            self.proxy.pipes.append((self.connection, gateway))
        back = threading.Thread(target=self.pump, args=(gateway, self.connection, True), daemon=True)
        back.start()
        self.pump(self.connection, gateway, False)
        back.join()
        return None

    def stream(self, seen):
        """Server-sent events, as they come, until somebody cuts them. What is to the gateway another request is one to us, too."""
        place = urllib.parse.urlsplit(self.proxy.target)
        try:
            gateway = socket.create_connection((place.hostname, place.port), timeout=SECONDS)
        except OSError:
            return self.hang_up()
        self.close_connection = True
        gateway.settimeout(None)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items() if name.lower() not in ("connection", "accept-encoding"))
        gateway.sendall(f"{self.requestline}\r\n{head}Connection: close\r\n\r\n".encode())
        seen.status = int(gateway.recv(65536, socket.MSG_PEEK).split()[1])
        with self.proxy.lock:
            self.proxy.pipes.append((self.connection, gateway))
        threading.Thread(target=self.hang_up_with, args=(gateway,), daemon=True).start()
        self.pump(gateway, self.connection, True)
        cut(gateway)
        return None

    def hang_up_with(self, gateway):
        """When the client does."""
        try:
            while self.connection.recv(65536):
                pass
        except OSError:
            pass
        cut(gateway)

    def pump(self, source, sink, answers):
        muted = collections.deque(maxlen=1)
        try:
            while piece := source.recv(65536):
                if muted or self.proxy.muted is True or (answers and self.proxy.muted):
                    muted.append(True)  # this line stays dead
                    continue
                for drop in drops(piece) if answers and self.proxy.dripping else [piece]:
                    sink.sendall(drop)
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def drops(piece):
    for begin in range(0, len(piece), 3):
        yield piece[begin:begin + 3]
        time.sleep(0.0005)


def problem(status, code, retryable):
    """A body as Kiroku's own."""
    error = {"code": code, "message": "So it is.", "details": {}, "timestamp": "2026-03-06T12:00:00.000Z", "requestId": "r", "retryable": retryable}
    return json.dumps({"type": f"urn:kiroku:problem:{code}", "title": "No", "status": status, "error": error})
