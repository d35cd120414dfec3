# tests/chaos/evidence.py: what a run leaves behind, read into memory: what clients were told, the log, tables and stores.
"""The rule that says what counts in the log is written here a second time, by its definition, so that the checkers don't believe
the code that they check. Everything is read once, in the order in which it lies there."""
import collections
import csv
import dataclasses
import json
import pathlib

OPENING_BALANCE = 1000


@dataclasses.dataclass
class Attempt:
    op: str
    number: int
    kind: str
    account: str
    args: dict
    gateway: int
    invoked: int
    returned: int | None = None
    outcome: str = "unknown"
    told: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Op:
    """One wish of a client, and every attempt to have it granted, in order."""
    id: str
    attempts: list

    @property
    def kind(self):
        return self.attempts[0].kind

    @property
    def account(self):
        return self.attempts[0].account

    @property
    def args(self):
        return self.attempts[0].args

    @property
    def granted(self):
        return [attempt for attempt in self.attempts if attempt.outcome == "ok"]

    def any(self, outcome):
        return any(attempt.outcome == outcome for attempt in self.attempts)


@dataclasses.dataclass
class Decision:
    """One that counts."""
    context: str
    partition: int
    subject: str
    command: str
    command_offset: int
    version: int  # of its first event
    events: list  # [{"id", "type", "data", "offset"}]

    @property
    def last_version(self):
        return self.version + len(self.events) - 1

    @property
    def last_offset(self):
        return self.events[-1]["offset"]


class Validity:
    """Which records of a partition count: those of the term in force, with the next number, in decisions that are whole."""

    def __init__(self, without=()):
        self.without = without
        self.term, self.number, self.open = None, 0, []

    def take(self, offset, event):
        """The events of the decision that this record completes; None: none yet. False: it is void."""
        if event["type"].endswith(".fence.v1"):
            self.term, self.number, self.open = str(offset), 0, []
            return None
        if "term" not in self.without and event["term"] != self.term:
            return False
        if "sequence" not in self.without and int(event["sequence"]) != self.number + 1:
            return False
        self.number = int(event["sequence"])
        if "whole" in self.without:
            return [event]
        if event["part"] != len(self.open) + 1:
            self.term = None
            return False
        self.open.append(event)
        if event["part"] < event["parts"]:
            return None
        whole, self.open = self.open, []
        return whole


class Log:
    """A context's events."""

    def __init__(self, context, lines, without=()):
        self.context = context
        self.decisions = []
        self.ends = collections.Counter()  # partition -> offset behind its last record
        self.void = self.fences = 0
        rules = collections.defaultdict(lambda: Validity(without))
        for line in lines:
            partition, offset, _, text = line.rstrip("\n").split("\t", 3)
            self.take(int(partition), int(offset), json.loads(text), rules[int(partition)])

    def take(self, partition, offset, event, rule):
        self.ends[partition] = offset + 1
        self.fences += event["type"].endswith(".fence.v1")
        found = rule.take(offset, event | {"offset": offset})
        self.void += found is False
        if not found:
            return
        first = found[0]
        self.decisions.append(Decision(self.context, partition, first["subject"], first["commandid"], int(first["commandoffset"]),
                                       int(first["aggregateversion"]), found))


class Evidence:
    """A folder that a run has filled. `without`: parts of the rule that are left out, to show what they are for."""

    def __init__(self, folder, without=()):
        self.folder = pathlib.Path(folder)
        self.ops = operations(self.lines("history.ndjson"))
        self.logs = {path.stem: Log(path.stem, texts(path), without) for path in sorted((self.folder / "log").glob("*.tsv"))}
        self.accounts = {row["account_id"]: {name: int(row[name]) for name in ("balance", "count", "version")}
                         for row in self.table("bank_accounts")}
        self.claims = {row["email"]: row["user_id"] for row in self.table("accounts")}
        self.positions = [(row["context"], int(row["part"]), int(row["next_offset"])) for row in self.table("checkpoint")]
        self.stores = [list(self.lines(path.relative_to(self.folder))) for path in sorted((self.folder / "stores").glob("*.ndjson"))]
        self.faults = list(self.lines("faults.ndjson"))
        self.resources = list(self.lines("resources.ndjson"))
        self.end = json.loads((self.folder / "end.json").read_text())

    def lines(self, name):
        return map(json.loads, texts(self.folder / name))

    def table(self, name):
        with (self.folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)

    @property
    def decisions(self):
        for log in self.logs.values():
            yield from log.decisions


def operations(lines):
    """{id: Op} of what the workload wrote down."""
    attempts, ops = {}, {}
    for line in lines:
        key = line["op"], line["attempt"]
        if "kind" in line:
            attempt = Attempt(*key, line["kind"], line["account"], line["args"], line["gateway"], line["at"])
            attempts[key] = attempt
            ops.setdefault(line["op"], Op(line["op"], [])).attempts.append(attempt)
        else:
            attempt = attempts[key]
            attempt.returned, attempt.outcome, attempt.told = line["at"], line["outcome"], line
    return ops


def texts(path):
    with path.open(encoding="utf-8") as file:
        yield from file


def op_of(decision):
    """Whose wish a decision grants, as the client named it; None: nobody's."""
    data = decision.events[0]["data"]
    if decision.context == "bank":
        return data.get("op")
    return data.get("displayName") if decision.events[0]["type"] == "identity.email_claimed.v1" else None
