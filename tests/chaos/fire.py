# tests/chaos/fire.py: a run: load on a system, one fault after the other, and what the faults need to know and to do.
import json
import random
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid

from matrix import ALL
from roles import Role, is_ready
from system import BUILD, PARTITIONS

FLOW_WITHIN = 30.0
READY_WITHIN = 30.0
CALM = 2.0  # seconds between two faults


class Flow:
    """Follows the history: when each partition of the bank last granted something that was asked for after a moment."""

    def __init__(self, path):
        self.path = path
        self.latest = {}  # partition -> begin of the latest attempt that was granted
        self.begins = {}
        self.over = threading.Event()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        while not self.path.exists():
            time.sleep(0.05)
        with self.path.open(encoding="utf-8") as file:
            rest = ""
            while not self.over.is_set():
                text = file.read()
                if not text:
                    time.sleep(0.05)
                    continue
                *lines, rest = (rest + text).split("\n")
                for line in lines:
                    self.take(json.loads(line))

    def take(self, line):
        key = line["op"], line["attempt"]
        if line.get("kind") in ("count", "transfer"):
            self.begins[key] = line["at"]
        elif key in self.begins:
            began = self.begins.pop(key)
            if line.get("outcome") == "ok":
                partition = line["body"]["position"].split("@")[0]
                self.latest[partition] = max(self.latest.get(partition, 0), began)

    def since(self, moment):
        return len(self.latest) == PARTITIONS and all(began > moment for began in self.latest.values())


class Fire:
    """`long`: as the matrix wants it; otherwise just long enough to be met."""

    def __init__(self, system, seed, long=False, patience=1.0):
        self.system, self.brokers, self.roles, self.long, self.patience = system, system.brokers, system.roles, long, patience
        self.random = random.Random(seed)
        self.flow = Flow(system.history)
        self.faults = (system.folder / "evidence/faults.ndjson").open("a")
        self.flaws, self.missed, self.figures, self.began = [], [], [], 0
        self.passing = []  # (when it is over, what ends it)

    # --- a fault's life ---------------------------------------------------------------------------------------------

    def __call__(self, name):
        """Brings it about; what is known of it afterwards."""
        fault = ALL[name]
        self.flaws, self.missed, self.figures, self.began = [], [], [], time.monotonic_ns()
        begun = self.began
        try:
            fault(self)
        except Exception as error:  # the run goes on, and says so
            self.unmet(f"{type(error).__name__}: {error}")
        if not fault.last:
            self.mend()
            self.wait_for_flow()
        found = {"fault": name, "title": fault.title, "begun": begun, "from": self.began, "watched": time.monotonic_ns(),
                 "bound": fault.bound * self.patience, "last": fault.last, "flaws": self.flaws, "unmet": self.missed,
                 "measured": self.figures}
        self.faults.write(json.dumps(found) + "\n")
        self.faults.flush()
        time.sleep(CALM)
        return found

    def missing(self, name):
        """Why it can't be brought about here; empty if it can."""
        needs = ALL[name].needs
        if needs and not self.system.net.separate:
            return f"needs {needs} of its own (root)"
        return ""

    def mend(self):
        """Whatever is still cut, stopped or down."""
        self.system.proxy.heal(*self.brokers.links.values())
        for broker in self.brokers.all:
            if not broker.alive():
                self.revive(broker)
        if not self.projected():  # `kiroku up` waits the longer the more often it has died
            self.system.database_server.stop()
            self.system.database_server.start()
        for role in self.roles.values():
            role.signal(signal.SIGCONT)
            if role.down:
                role.start()

    def flaw(self, what):
        self.flaws.append(what)

    def unmet(self, what):
        self.missed.append(what)

    def measured(self, what):
        self.figures.append(what)

    def healed(self):
        self.began = time.monotonic_ns()

    def length(self, short, long):
        return long if self.long else short

    def some(self, things, few):
        things = list(things)
        return things if self.long else self.random.sample(things, few)

    # --- waiting ----------------------------------------------------------------------------------------------------

    def wait_until(self, what, seconds):
        give_up = time.monotonic() + seconds
        while not what():
            if time.monotonic() > give_up:
                return False
            time.sleep(0.05)
        return True

    def wait_for_flow(self, seconds=FLOW_WITHIN):
        """Until every partition has granted something that was asked for from now on."""
        moment = time.monotonic_ns()
        if not self.wait_until(lambda: self.flow.since(moment), seconds * self.patience):
            self.flaw(f"commands didn't flow after {seconds:.0f} s")

    def wait_until_in_sync(self):
        """Until every broker has all that it is to have."""
        if not self.wait_until(self.brokers.in_sync, FLOW_WITHIN * self.patience):
            self.flaw(f"the brokers weren't in sync again after {FLOW_WITHIN * self.patience:.0f} s")

    def wait_until_caught_up(self):
        """Until every read model is at the end of the log; while clients pause."""
        if not self.wait_until(self.system.caught_up, READY_WITHIN * self.patience):
            self.flaw(f"the read models weren't at the log's end after {READY_WITHIN * self.patience:.0f} s")

    def wait_until_alive(self, name):
        self.wait_until(self.roles[name].alive, 10)

    def wait_until_ready(self, place):
        if not self.wait_until(lambda: is_ready(self.system.ports[place]), READY_WITHIN * self.patience):
            self.flaw(f"gateway-{place + 1} isn't ready after {READY_WITHIN * self.patience:.0f} s")

    # --- what there is ----------------------------------------------------------------------------------------------

    def coordinator(self, group):
        number = 0
        for char in group:
            number = (31 * number + ord(char)) & 0xffffffff
        number = (number - (1 << 32) if number >= 1 << 31 else number) & 0x7fffffff
        return self.brokers.leader("__consumer_offsets", number % 3)

    def controller(self):
        """As a broker that is up wrote down last."""
        for broker in self.brokers.all:
            state = broker.log_folder / "kafka/__cluster_metadata-0/quorum-state"
            leader = json.loads(state.read_text())["leaderId"] if state.exists() else -1
            if leader > 0:
                return self.brokers[leader]
        raise LookupError("there is no controller")

    def void_records(self):
        """How many there are in the bank's log by now, as `kiroku audit` counts them."""
        found = self.system.verb("audit", "bank", "--json", check=False)
        return sum(one["voidRecords"] for one in json.loads(found.stdout))

    # --- what can be done -------------------------------------------------------------------------------------------

    def revive(self, broker):
        if broker.alive():
            broker.kill()
        broker.start()
        self.brokers.wait([broker])

    def extra_role(self, name, words, group):
        role = Role(name, [self.system.program, *words], self.system.environment(group), self.system.folder / "logs")
        return role

    def revive_all(self):
        for broker in self.brokers.all:
            if not broker.alive():
                self.revive(broker)

    def in_passing(self, seconds, begin, end):
        """Something that is over in a while, other things happening meanwhile."""
        begin()
        self.passing.append((time.monotonic() + seconds, end))
        for when, what in list(self.passing):
            if when <= time.monotonic():
                self.passing.remove((when, what))
                what()

    def pass_all(self):
        for _, what in self.passing:
            what()
        self.passing = []

    def briefly(self, what, role):
        """Stops a process, which goes on in a while."""
        role.signal(what)
        self.in_passing(self.random.uniform(0.5, 9.0), lambda: None, lambda: role.signal(signal.SIGCONT))

    def wrong_clock(self, seconds):
        return {"LD_PRELOAD": str(BUILD / "libwrong_clock.so"), "WRONG_BY_SECONDS": str(seconds)}

    def sql(self, text, user="kiroku", check=True):
        database = self.system.database.replace("//kiroku@", f"//{user}@")
        found = subprocess.run(["psql", "-qtA", database, "-c", text], capture_output=True, text=True, check=check,
                               env=self.system.environment())
        return found.stdout.split()

    def projected(self):
        """{"read model|context|partition": how far it is}; empty if the database can't say."""
        rows = self.sql("SELECT read_model, context, part, next_offset FROM kiroku.checkpoint", check=False)
        return {row.rpartition("|")[0]: int(row.rpartition("|")[2]) for row in rows}

    def wait_until_projected(self, before):
        """Until the bank's read models are farther than `before` in every partition."""
        def farther():
            now = self.projected()
            return now and all(now[place] > before[place] for place in before if "|bank|" in place)
        if not self.wait_until(farther, READY_WITHIN * self.patience):
            self.flaw(f"the read models hadn't gone on after {READY_WITHIN * self.patience:.0f} s")

    def projectors_said(self):
        return "".join(self.roles[name].log.read_text() for name in ("project-1", "project-2"))

    def stop_within_transaction(self):
        """Stops a projector that has a transaction open that idles; its name, or None."""
        for turn in range(200):
            name = f"project-{turn % 2 + 1}"
            role = self.roles[name]
            role.signal(signal.SIGSTOP)
            time.sleep(0.02)
            if self.sql("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' AND application_name LIKE 'kiroku project%'"):
                return name
            role.signal(signal.SIGCONT)
            time.sleep(0.01)
        return None

    def pause_clients(self):
        self.system.workload.send_signal(signal.SIGUSR1)

    def go_on(self):
        self.system.workload.send_signal(signal.SIGUSR2)
        self.healed()
        self.wait_for_flow()

    def more_clients(self, count):
        return self.system.workload_process(seed=self.random.randrange(1000, 1 << 30), clients=count, pause=0.0001)

    def produce(self, topic, partition, text):
        subprocess.run(["kcat", "-b", self.brokers.bootstrap("rest"), "-P", "-t", topic, "-p", str(partition), "-X",
                        "message.max.bytes=2000000", "-D", "\x01"], input=text, text=True, check=False, timeout=20, capture_output=True)

    def foreign_event(self):
        return json.dumps({"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/elsewhere", "type": "bank.counted.v9",
                           "subject": f"account/{uuid.uuid4()}", "time": "2026-01-01T00:00:00.000Z", "term": "0", "sequence": "1", "part": 1,
                           "parts": 1, "aggregateversion": "1", "commandid": str(uuid.uuid4()), "commandhash": "", "commandoffset": "0",
                           "data": {}})

    def poison_commands(self, count):
        """Asked for by nobody else; each must be refused, and remembered as such."""
        with self.system.history.open("a") as history:
            for number in range(count):
                op, account = str(uuid.UUID(int=self.random.getrandbits(128), version=4)), str(uuid.uuid4())
                args = {"op": op, "by": 666}
                line = {"op": op, "attempt": 1}
                history.write(json.dumps({"at": time.monotonic_ns(), **line, "kind": "count", "account": account, "args": args,
                                          "client": -1, "gateway": number % 2 + 1}) + "\n")
                request = urllib.request.Request(f"http://127.0.0.1:{self.system.ports[number % 2]}/bank/{account}/count",
                                                 data=json.dumps(args).encode(), method="POST",
                                                 headers={"Content-Type": "application/json", "Idempotency-Key": op})
                try:
                    urllib.request.urlopen(request, timeout=9)
                    self.flaw("a poisonous command was granted")
                except urllib.error.HTTPError as refused:
                    code = re.search(r'"code":"(\w+)"', refused.read().decode())[1]
                    outcome = "refused" if code == "internal_error" else "unknown"
                    history.write(json.dumps({"at": time.monotonic_ns(), **line, "outcome": outcome, "status": refused.code, "code": code,
                                              "retryAfter": refused.headers.get("Retry-After")}) + "\n")

    def close(self):
        self.flow.over.set()
        self.faults.close()

