# tests/bench/deciding.py: the decider alone, with many learners in its store: how soon it decides after a start, and how
# fast it answers, beside the raw loop and beside a decider with Kafka's transactions.
import shutil
import subprocess
import time

from system import Failed

IN_FLIGHT = (2000, 512, 64, 1)  # the broker, a Java program, is at its best for the one where each microsecond counts
FILLING = 2000  # in flight while the learners are made
TRANSACTIONS = "bench-transactional"  # what the topics of the decider with transactions are called
PATIENCE = 100  # seconds until a decider that reads a whole log must decide
ENDED_WITHIN = 30  # seconds


class Decider:
    """`kiroku decide gamification`, with a store of its own."""

    def __init__(self, programs, system):
        self.programs = programs
        self.system = system
        self.state = system.folder / "alone"
        self.process = None

    def starts(self):
        """Seconds from its start until it has answered a command of each partition."""
        began = time.monotonic()
        self.process = subprocess.Popen([self.programs.kiroku, "decide", "gamification", "--state", str(self.state)],
                                        env=self.system.env, stderr=subprocess.DEVNULL)
        self.ask("first", 4, patience=PATIENCE)
        return round(time.monotonic() - began, 2)

    def ask(self, which, in_flight, **options):
        found = self.programs.measure("decider_load", kafka=self.system.env["KIROKU_KAFKA"], ask=which, in_flight=in_flight, **options)
        if found["failures"]:
            raise Failed(f"of {found['total']} commands to the decider alone {found['failures']} were not accepted")
        return found

    def stop(self, kill=False):
        if self.process is None:
            return
        if kill:
            self.process.kill()
        self.process.terminate()
        self.process.wait(timeout=ENDED_WITHIN)
        self.process = None


class Transactional:
    """The decider with Kafka's transactions, on topics of its own, with a copy of the other's store."""

    load = {"commands": f"{TRANSACTIONS}.commands", "replies": f"{TRANSACTIONS}.replies", "isolation": "read_committed"}

    def __init__(self, decider):
        store = decider.system.folder / "transactional"
        shutil.copytree(decider.state / "decide", store)
        self.process = subprocess.Popen([decider.programs.folder / "bench_transactional_decider", "--topics", TRANSACTIONS,
                                         "--kafka", decider.system.env["KIROKU_KAFKA"], "--store", store], stdout=subprocess.PIPE)
        if not self.process.stdout.readline():
            raise Failed("the decider with transactions doesn't start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def starting(decider, learners):
    """Has it decide about each learner once; then starts it again after a kill, which costs it what it hadn't flushed, after a stop, and without its
    store."""
    decider.starts()
    filled = decider.ask("all", FILLING, learners=learners)
    found = {"learners": learners, "filled": filled["rate"]}
    decider.stop(kill=True)
    found["killed"] = decider.starts()
    decider.stop()
    found["stopped"] = decider.starts()
    decider.stop()
    shutil.rmtree(decider.state)
    found["limits"] = decider.programs.measure("consume", kafka=decider.system.env["KIROKU_KAFKA"], passes=1)
    seconds = decider.starts()
    found["anew"] = {"seconds": seconds, "rate": round(found["limits"]["records"] / seconds, 1)}
    return found


def deciding(bench, learners):
    """At each level between two runs of the raw loop; the better of those is the limit."""
    bench.programs.verb(bench.system.env, "topics")
    decider = Decider(bench.programs, bench.system)
    try:
        found = {"starting": starting(decider, learners), "raw": {}, "decider": {}, "replies": {}, "transactions": {}}
        decider.stop()
        with Transactional(decider) as transactional:
            decider.starts()
            for level in IN_FLIGHT:
                load = {"kafka": bench.kafka, "learners": learners, "in_flight": level}
                before = bench.raw_loop(level)
                found["decider"][level] = bench.load("decider_load", answers="log", **load)
                found["replies"][level] = bench.load("decider_load", **load)
                found["transactions"][level] = bench.load("decider_load", **load, **transactional.load)
                found["raw"][level] = max(before, bench.raw_loop(level), key=lambda figures: figures["rate"])
        return found
    finally:
        decider.stop()
