# tests/chaos/brokers.py: three Kafka brokers that can be killed, stopped, cut off from each other, filled up, and lose power.
"""Each in a network namespace with an address of its own where root allows, on plain ports of loopback otherwise. Every group
of clients has a listener of its own, and its advertised address is a link of the proxy: see `Brokers.bootstrap`."""
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import time

from power import Disk, Loss

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("KIROKU_BUILD", ROOT / ".build/release"))
COUNT = 3
GROUPS = ("d1", "d2", "g1", "g2", "rest")  # deciders, gateways, all others
OVER_TLS = ("d2", "g2")
ANSWERS_WITHIN = 60  # seconds
LOG_ROOM = "700m"
FIRST_PORT = 9300

PROPERTIES = """process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners={listeners}
advertised.listeners={advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTER
listener.security.protocol.map={protocols}
log.dirs={log}
auto.create.topics.enable=false
default.replication.factor=3
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=3
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.num.partitions=1
unclean.leader.election.enable=false
controlled.shutdown.enable=true
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=1
num.io.threads=3
num.replica.fetchers=1
background.threads=1
log.index.size.max.bytes=2097152
log.segment.bytes=67108864
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""

LOGGING = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def run(*words, check=True):
    return subprocess.run([str(word) for word in words], check=check, capture_output=True, text=True)


def java():
    for place in ("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "/usr/lib/jvm/java-17-openjdk-arm64/bin/java"):
        if os.path.exists(place):
            return place
    return "java"


class Net:
    """A bridge, and a namespace with an address for each broker."""

    def __init__(self):
        self.name = f"k{os.getpid() % 100000}"
        self.third = os.getpid() % 250 + 1
        self.own = f"10.77.{self.third}.254"
        self.made = []

    def __enter__(self):
        if os.geteuid() != 0 or run("ip", "link", "add", self.name, "type", "bridge", check=False).returncode != 0:
            self.name = None
            return self
        run("ip", "addr", "add", f"{self.own}/24", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        for number in range(1, COUNT + 1):
            space = self.space(number)
            run("ip", "netns", "add", space)
            self.made.append(space)
            run("ip", "link", "add", f"{space}v", "type", "veth", "peer", "name", "eth0", "netns", space)
            run("ip", "link", "set", f"{space}v", "master", self.name, "up")
            for words in (("addr", "add", f"{self.host(number)}/24", "dev", "eth0"), ("link", "set", "eth0", "up"),
                          ("link", "set", "lo", "up")):
                run("ip", "-n", space, *words)
        return self

    def __exit__(self, *_):
        for space in self.made:
            run("ip", "netns", "del", space, check=False)
        if self.name:
            run("ip", "link", "del", self.name, check=False)

    @property
    def separate(self):
        return self.name is not None

    def space(self, number):
        return f"{self.name}b{number}"

    def host(self, number):
        return f"10.77.{self.third}.{number}" if self.separate else "127.0.0.1"

    def into(self, number):
        return ["ip", "netns", "exec", self.space(number)] if self.separate else []

    def part(self, one, others):
        """From now on broker `one` and the others don't reach each other; clients still do."""
        for other in others:
            for here, there in ((one, other), (other, one)):
                run("ip", "-n", self.space(here), "route", "add", "blackhole", f"{self.host(there)}/32")

    def join(self, one, others):
        for other in others:
            for here, there in ((one, other), (other, one)):
                run("ip", "-n", self.space(here), "route", "del", "blackhole", f"{self.host(there)}/32", check=False)


class Certificate:
    """An authority of this run's own, and what the brokers show."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.authority = folder / "ca.pem"
        self.keystore = folder / "broker.pem"
        key, request, signed, extension = (folder / name for name in ("broker.key", "broker.csr", "broker.crt", "san"))
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Chaos",
            "-keyout", folder / "ca.key", "-out", self.authority)
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", request)
        extension.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", folder / "ca.key",
            "-CAcreateserial", "-days", "30", "-extfile", extension, "-out", signed)
        self.keystore.write_text(key.read_text() + signed.read_text() + self.authority.read_text())


class Broker:
    """One Kafka process; started anew by whoever wants it so."""

    def __init__(self, number, folder, net):
        self.number, self.folder, self.net = number, folder, net
        self.host = net.host(number)
        self.log_folder = folder / "log"
        self.disk = Disk(self.log_folder, folder / "synced")
        self.process = None
        self.environment = {}
        self.down = False  # stays down until somebody starts it
        first = FIRST_PORT if net.separate else FIRST_PORT + 100 * number
        self.ports = {name: first + place for place, name in enumerate(("CONTROLLER", "INTER", *GROUPS))}

    def command(self, *words):
        jars = sorted((ROOT / ".build").glob("kafka-*"))[-1]
        return [*self.net.into(self.number), java(), "-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
                "-cp", f"{jars}/*", *map(str, words)]

    def prepare(self, advertised, voters, certificate, cluster):
        self.log_folder.mkdir(parents=True)
        if self.net.separate:
            run("mount", "-t", "tmpfs", "-o", f"size={LOG_ROOM}", "tmpfs", self.log_folder)
        (self.folder / "log4j2.properties").write_text(LOGGING)
        protocols = {"CONTROLLER": "PLAINTEXT", "INTER": "PLAINTEXT"}
        protocols |= {group.upper(): "SSL" if group in OVER_TLS else "PLAINTEXT" for group in GROUPS}
        text = PROPERTIES.format(
            number=self.number, voters=voters, log=self.log_folder / "kafka", keystore=certificate.keystore,
            listeners=",".join(f"{name.upper()}://{self.host}:{port}" for name, port in self.ports.items()),
            advertised=",".join([f"INTER://{self.host}:{self.ports['INTER']}"]
                                + [f"{group.upper()}://127.0.0.1:{advertised[group]}" for group in GROUPS]),
            protocols=",".join(f"{name}:{kind}" for name, kind in protocols.items()))
        (self.folder / "server.properties").write_text(text)
        run(*self.command("kafka.tools.StorageTool", "format", "-t", cluster, "-c", self.folder / "server.properties"))
        self.disk.sync()

    def start(self):
        self.down = False
        log = (self.folder / "broker.log").open("a")
        preloaded = [str(BUILD / "libunsynced.so"), self.environment.get("LD_PRELOAD", "")]
        environment = self.environment | {"LD_PRELOAD": " ".join(preloaded), "UNSYNCED_JOURNAL": str(self.disk.journal)}
        self.process = subprocess.Popen(self.command("kafka.Kafka", self.folder / "server.properties"), stdout=log, stderr=log,
                                        env=os.environ | environment)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def answers(self):
        try:
            with socket.create_connection((self.host, self.ports["INTER"]), timeout=1):
                return self.alive()
        except OSError:
            return False

    def kill(self, how=signal.SIGKILL):
        self.down = True
        if self.alive():
            self.process.send_signal(how)
            self.process.wait(60)

    def lose_power(self):
        """It dies, and with it what it hadn't synced."""
        self.kill()
        return self.disk.lose_power()

    def fill(self, leave=0):
        """Leaves no room on its disk."""
        free = shutil.disk_usage(self.log_folder).free
        with (self.log_folder / "filler").open("wb") as filler:
            try:
                os.posix_fallocate(filler.fileno(), 0, max(free - leave, 1))
            except OSError:
                pass

    def make_room(self):
        (self.log_folder / "filler").unlink(missing_ok=True)

    def clean(self):
        self.kill()
        if self.net.separate:
            run("umount", "-l", self.log_folder, check=False)


class Brokers:
    """All three, with the links that lead to them."""

    def __init__(self, folder, net, proxy):
        self.folder, self.net, self.proxy = folder, net, proxy
        self.certificate = Certificate(folder / "tls")
        self.all = [Broker(number, folder / f"broker-{number}", net) for number in range(1, COUNT + 1)]
        self.links = {(group, broker.number): proxy.link((broker.host, broker.ports[group]), frames=group not in OVER_TLS)
                      for group in GROUPS for broker in self.all}

    def __getitem__(self, number):
        return self.all[number - 1]

    def links_of(self, group):
        return [self.links[group, broker.number] for broker in self.all]

    def bootstrap(self, group):
        addresses = ",".join(f"127.0.0.1:{link.port}" for link in self.links_of(group))
        return f"ssl://{addresses}" if group in OVER_TLS else addresses

    def start(self):
        voters = ",".join(f"{one.number}@{one.host}:{one.ports['CONTROLLER']}" for one in self.all)
        cluster = "chaoschaoschaoschaosQQ"
        for broker in self.all:
            broker.prepare({group: self.links[group, broker.number].port for group in GROUPS}, voters, self.certificate, cluster)
        for broker in self.all:
            broker.start()
        self.wait(self.all)

    def wait(self, brokers, seconds=ANSWERS_WITHIN):
        give_up = time.monotonic() + seconds
        while not all(broker.answers() for broker in brokers):
            if time.monotonic() > give_up:
                raise TimeoutError("a broker doesn't answer: see broker.log in " + str(self.folder))
            time.sleep(0.05)

    def lose_power(self):
        """All at once; all are back when it returns."""
        for broker in self.all:
            broker.process.send_signal(signal.SIGKILL)
        loss = sum((broker.lose_power() for broker in self.all), Loss())
        for broker in self.all:
            broker.start()
        self.wait(self.all)
        return loss

    def leader(self, topic, partition):
        """The broker that leads a partition, as the cluster says."""
        found = run("kcat", "-b", self.bootstrap("rest"), "-L", "-J", "-t", topic, "-m", "5", check=False)
        for one in json.loads(found.stdout)["topics"][0]["partitions"]:
            if one["partition"] == partition:
                return self[one["leader"]]
        raise LookupError(f"{topic}/{partition} has no leader")

    def in_sync(self):
        """Whether every replica of every partition has what its leader has."""
        found = run("kcat", "-b", self.bootstrap("rest"), "-L", "-J", "-m", "5", check=False)
        if found.returncode != 0:
            return False
        return all(len(one["isrs"]) == COUNT for topic in json.loads(found.stdout)["topics"] for one in topic["partitions"])

    def delete_topic(self, name):
        """By Kafka's own protocol: DeleteTopics, version 1."""
        topic = name.encode()
        body = struct.pack(">hhih", 20, 1, 1, -1) + struct.pack(">ih", 1, len(topic)) + topic + struct.pack(">i", 20_000)
        with socket.create_connection((self[1].host, self[1].ports["INTER"]), timeout=30) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.recv(4096)
        if answer[-2:] != b"\0\0":
            raise RuntimeError(f"{name} can't be deleted: Kafka says {struct.unpack('>h', answer[-2:])[0]}")

    def stop(self):
        for broker in self.all:
            broker.clean()
