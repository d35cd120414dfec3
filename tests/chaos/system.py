# tests/chaos/system.py: a whole Kiroku of two of each, three brokers and a database, with a proxy on every way between them.
import json
import signal
import subprocess
import threading
import time
import urllib.parse

from brokers import BUILD, OVER_TLS, ROOT, Brokers, Net
from database import Database
from proxy import Proxy
from roles import Keeper, Role, free_port, is_ready, plain_environment, resources

READY_WITHIN = 120  # seconds
PARTITIONS = 4
SAMPLE_EVERY = 1.0


class System:
    """Use it in a `with`; `folder` keeps logs and what was recorded."""

    def __init__(self, folder, say):
        self.folder, self.say = folder, say
        self.program = str(BUILD / "kiroku-bank")
        self.roles = {}
        self.workload = None
        self.sampling = threading.Event()
        for name in ("logs", "evidence"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        self.net = Net().__enter__()
        self.proxy = Proxy()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        self.say("three brokers" + ("" if self.net.separate else ", on loopback: their own links can't be cut without root"))
        self.brokers = Brokers(self.folder, self.net, self.proxy)
        self.brokers.start()
        self.start_database()
        self.say("topics and tables")
        self.verb("topics", "--partitions", str(PARTITIONS))
        self.verb("migrate")
        self.make_roles()
        self.keeper = Keeper(self.roles)
        for role in self.roles.values():
            role.start()
        self.wait_until_ready()
        threading.Thread(target=self.sample, daemon=True).start()

    def start_database(self):
        self.database_server = Database(self.folder, self.program, self.brokers.bootstrap("rest"), own_disk=self.net.separate)
        self.database_server.start()
        self.database = self.database_server.address
        self.database_links = {name: self.proxy.link(("127.0.0.1", self.database_server.port), frames=False)
                               for name in ("p1", "p2", "g1", "g2")}

    def database_by(self, name):
        """The database's address through a link of the proxy."""
        parts = urllib.parse.urlsplit(self.database)
        where = parts.netloc.rpartition(":")[0] + f":{self.database_links[name].port}"
        return urllib.parse.urlunsplit(parts._replace(netloc=where))

    def environment(self, group="rest"):
        env = plain_environment() | {
            "KIROKU_KAFKA": self.brokers.bootstrap(group), "KIROKU_POSTGRES": self.database, "KIROKU_LOG_FORMAT": "text",
            "KIROKU_KEYS": str(self.folder / "keys"), "KIROKU_DATA": str(self.folder),
            "KIROKU_RATE_LIMITS": "all=1000000/1"}  # all clients have one address here
        if group in OVER_TLS:
            env["SSL_CERT_FILE"] = str(self.brokers.certificate.authority)
        return env

    def make_roles(self):
        logs = self.folder / "logs"
        self.ports = [free_port(), free_port()]
        for number in (1, 2):
            self.roles[f"decide-{number}"] = Role(
                f"decide-{number}", [self.program, "decide", "--state", self.folder / f"d{number}"], self.environment(f"d{number}"), logs)
            gateway = self.environment(f"g{number}") | {"KIROKU_POSTGRES": self.database_by(f"g{number}")}
            self.roles[f"gateway-{number}"] = Role(
                f"gateway-{number}", [self.program, "gateway", "--port", self.ports[number - 1], "--password-memory-mib", 19,
                                      "--password-passes", 2], gateway, logs)
            projector = self.environment() | {"KIROKU_POSTGRES": self.database_by(f"p{number}")}
            self.roles[f"project-{number}"] = Role(f"project-{number}", [self.program, "project"], projector, logs)
            self.roles[f"react-{number}"] = Role(
                f"react-{number}", [self.program, "react", "--instance", f"react-{number}"], self.environment(), logs)

    def role(self, name):
        return self.roles[name]

    def wait_until_ready(self, seconds=READY_WITHIN):
        give_up = time.monotonic() + seconds
        while not all(is_ready(port) for port in self.ports):
            if time.monotonic() > give_up:
                raise TimeoutError(f"the gateways aren't ready: see {self.folder}/logs")
            time.sleep(0.1)

    def verb(self, *words, check=True, timeout=120, **env):
        found = subprocess.run([self.program, *map(str, words)], env=self.environment() | env, capture_output=True, text=True,
                               timeout=timeout, check=False)
        if check and found.returncode != 0:
            raise RuntimeError(f"kiroku {' '.join(words)} ended with {found.returncode}: {found.stderr[-2000:]}")
        return found

    @property
    def history(self):
        return self.folder / "evidence/history.ndjson"

    def workload_process(self, seed, clients, pause=0.05, history=None):
        return subprocess.Popen(
            ["/usr/bin/python3", "-B", ROOT / "tests/chaos/workload.py", "--gateways", *map(str, self.ports), "--seed", str(seed),
             "--history", history or self.history, "--clients", str(clients), "--pause", str(pause)])

    def start_workload(self, seed, clients):
        self.workload = self.workload_process(seed, clients)

    def stop_workload(self):
        self.workload.terminate()
        self.workload.wait(60)

    def sample(self):
        """What each process uses, once a second."""
        with (self.folder / "evidence/resources.ndjson").open("a") as out:
            while not self.sampling.wait(SAMPLE_EVERY):
                for role in list(self.roles.values()):
                    if role.alive() and (found := resources(role.pid)):
                        out.write(json.dumps({"at": time.monotonic_ns(), "role": role.name, **found}) + "\n")
                out.flush()

    def caught_up(self):
        """Whether every read model is at the end of the log."""
        found = self.verb("status", "--json", check=False)
        try:
            status = json.loads(found.stdout)
        except ValueError:
            return False
        return all(one["lagEvents"] == 0 and one["state"] != "halted" for one in status)

    def __exit__(self, *_):
        self.sampling.set()
        if getattr(self, "keeper", None):
            self.keeper.stop()
        if self.workload and self.workload.poll() is None:
            self.workload.kill()
        for role in self.roles.values():
            role.down = True
            role.signal(signal.SIGCONT)
            role.kill()
        if getattr(self, "database_server", None):
            self.database_server.clean()
        if getattr(self, "brokers", None):
            self.brokers.stop()
        self.proxy.stop()
        self.net.__exit__()
