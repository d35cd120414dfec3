# tests/bench/sockets.py: thousands of WebSockets at a gateway, and what reaches them how soon, beside nchan; reads that need
# no database, beside nginx.
import contextlib
import json
import pathlib
import resource
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from processes import CpuUse
from system import Failed

BROADCAST_TO = (2_000, 5_000)
PERSONAL = 1_000  # clients that are each told 20 awards a second
IDLE = 5_000
HELD = 20_000
OTHER_FILES = 600  # of a gateway that holds them: the files it has besides
NGINX = "/usr/sbin/nginx"
NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"
STARTS_WITHIN = 30

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 65536;
pid {folder}/pid; error_log {folder}/error.log warn;
load_module {nchan};
events {{ worker_connections 30000; }}
http {{
    access_log off; keepalive_requests 100000000; default_type application/json; etag on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; nchan_max_reserved_memory 512M;
    server {{
        listen 127.0.0.1:{port} backlog=4096 reuseport;
        location /static/ {{ alias {folder}/static/; }}
        location = /publish/board {{ nchan_publisher; nchan_channel_id board; nchan_message_buffer_length 256; }}
        location = /subscribe/board {{ nchan_subscriber websocket; nchan_channel_id board; nchan_subscriber_first_message newest; }}
    }}
}}
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Nginx:
    """One worker that serves files and broadcasts by nchan; None where it isn't installed."""

    def __init__(self, static):
        self.folder = tempfile.TemporaryDirectory(prefix="kiroku-nginx.")
        self.port = free_port()
        folder = pathlib.Path(self.folder.name)
        (folder / "static").mkdir()
        for name, text in static.items():
            (folder / "static" / name).write_bytes(text)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=self.port, nchan=NCHAN))
        self.process = subprocess.Popen([NGINX, "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")])
        wait_for(f"http://127.0.0.1:{self.port}/static/{next(iter(static))}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.folder.cleanup()


def nginx_is_there():
    return pathlib.Path(NGINX).exists() and pathlib.Path(NCHAN).exists()


def wait_for(url):
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError as trouble:
            if time.monotonic() > until:
                raise Failed(f"{url} isn't there: {trouble}") from trouble
            time.sleep(0.05)


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class Gateway:
    """One more `kiroku gateway`; alone, where no decider runs."""

    def __init__(self, programs, env):
        self.port = free_port()
        self.process = subprocess.Popen([programs.kiroku, "gateway", "--port", str(self.port)], env=env, stderr=subprocess.DEVNULL)
        wait_for(f"http://127.0.0.1:{self.port}/readyz")

    def stop(self):
        self.process.terminate()
        self.process.wait(40)


def sockets(programs, system, seconds):
    programs.verb(system.env, "topics")
    programs.verb(system.env, "migrate")
    gateway = Gateway(programs, system.env)
    try:
        found = at_gateway(programs, system, gateway, seconds)
    finally:
        gateway.stop()
    if nginx_is_there():
        nginx = Nginx({"nothing": b"{}"})
        try:
            found["nchan"] = {clients: programs.measure("sockets", server="nchan", port=nginx.port, clients=clients, seconds=seconds)
                              for clients in BROADCAST_TO}
        finally:
            nginx.stop()
    return found


def at_gateway(programs, system, gateway, seconds):
    """What comes first isn't counted: the broker's compiler uses half a core until it has seen what comes."""
    given = {"port": gateway.port, "kafka": system.env["KIROKU_KAFKA"], "keys": system.env["KIROKU_KEYS"]}
    for _ in range(2):
        programs.measure("sockets", channel="me", clients=PERSONAL, seconds=seconds, **given)
    found = {"broadcast": {}}
    found["idle"] = idle(programs, gateway, given, IDLE)
    for clients in BROADCAST_TO:
        with CpuUse(system.pid) as use:
            found["broadcast"][clients] = programs.measure("sockets", channel="leaderboard:global", clients=clients, seconds=seconds, **given)
        found["broadcast"][clients]["gatewayCpu"] = round(use.seconds.get("gateway", 0), 2)
    with CpuUse(system.pid) as use:
        found["personal"] = programs.measure("sockets", channel="me", clients=PERSONAL, seconds=seconds, **given)
    found["personal"]["gatewayCpu"] = round(use.seconds.get("gateway", 0), 2)
    return found


def idle(programs, gateway, given, clients):
    """How soon all are connected and listening, and what each costs the gateway."""
    before = resident_bytes(gateway.process.pid)
    with Held(programs, clients, **given) as held:
        held.wait_until_connected()
        after = resident_bytes(gateway.process.pid)
        figures = held.result()
    return {**figures, "bytesEach": round((after - before) / clients)}


class Held:
    """Clients that are connected and do nothing."""

    def __init__(self, programs, clients, hold=4, **given):
        command = [str(programs.folder / "bench_sockets"), "--clients", str(clients), "--channel", "me", "--hold", str(hold)]
        for name, value in given.items():
            command += ["--" + name, str(value)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def wait_until_connected(self):
        line = self.process.stderr.readline()
        if not line.startswith("holding"):
            raise Failed(f"bench_sockets: {line}{self.process.stderr.read()}")

    def result(self):
        out, trouble = self.process.communicate(timeout=120)
        if self.process.returncode != 0:
            raise Failed(f"bench_sockets ended with {self.process.returncode}: {trouble}")
        return json.loads(out)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def crowded(bench, paths):
    """Commands beside HELD idle WebSockets, and before them, without. Where a process may not have so many open files,
    several gateways share them; the first one is asked for the commands."""
    a_gateway = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - OTHER_FILES
    number = -(-HELD // a_gateway)
    with contextlib.ExitStack() as stack:
        ports = [bench.learners.port]
        for _ in range(1, number):
            gateway = Gateway(bench.programs, bench.system.env)
            stack.callback(gateway.stop)
            ports.append(gateway.port)
        alone = bench.http(64, "POST", paths, body="{}")
        crowd = [stack.enter_context(Held(bench.programs, HELD // number, hold=bench.seconds + bench.warm + 6 * number, port=port,
                                          keys=bench.system.env["KIROKU_KEYS"])) for port in ports]
        for held in crowd:
            held.wait_until_connected()
        beside = bench.http(64, "POST", paths, body="{}")
        figures = [held.result() for held in crowd]
    return {"alone": alone, "beside": beside, "gateways": number,
            "held": {"clients": sum(each["clients"] for each in figures), "connectSeconds": max(each["connectSeconds"] for each in figures)}}


def cacheable(bench):
    """Reads that many repeat, beside nginx that serves a file of the same size from the page cache."""
    token = bench.learners.tokens[0]
    paths = {"leaderboard": "/leaderboards/global?limit=10", "progress": "/me/progress"}
    found, static, tags = {}, {}, {}
    for name, path in paths.items():
        request = urllib.request.Request(f"http://127.0.0.1:{bench.learners.port}{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            tags[name], static[name] = answer.headers["ETag"], answer.read()
    nginx = Nginx(static) if nginx_is_there() else None
    try:
        found["leaderboard"] = bench.http(64, "GET", paths["leaderboard"])
        found["leaderboardUnchanged"] = bench.http(64, "GET", paths["leaderboard"], header=f"If-None-Match: {tags['leaderboard']}")
        found["progressUnchanged"] = bench.http(64, "GET", paths["progress"], header=f"If-None-Match: {tags['progress']}", tokens=one_token(bench))
        if nginx:
            found["nginx"] = bench.load("http_load", port=nginx.port, in_flight=64, method="GET", path="/static/leaderboard", **bench.learners.files("tokens"))
    finally:
        if nginx:
            nginx.stop()
    return found


def one_token(bench):
    path = pathlib.Path(bench.learners.folder) / "one-token"
    path.write_text(bench.learners.tokens[0] + "\n")
    return str(path)
