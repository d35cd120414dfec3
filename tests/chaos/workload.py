#!/usr/bin/python3
# tests/chaos/workload.py: clients that count, pay, look and register, and write down all that they did and were told.
"""Runs until SIGTERM; SIGUSR1 makes all clients pause, SIGUSR2 go on. A line of JSON in --history for each attempt, once when it begins and once when it ends:

    {"at": ns, "op": id, "attempt": 1, "kind": "count", "account": id, "args": {…}, "client": 3, "gateway": 1}
    {"at": ns, "op": id, "attempt": 1, "outcome": "ok", "status": 200, "body": {…}}

Times are of the machine's monotonic clock, in nanoseconds. Outcomes: ok; refused (the rules say no); unavailable (it was not
accepted, so nothing may have happened); unknown (anything may have happened). An attempt without an end is unknown."""
import argparse
import http.client
import json
import pathlib
import random
import signal
import sys
import threading
import time
import uuid

OP_GIVES_UP_AFTER = 30  # seconds
ATTEMPT_TIMEOUT = 8
AGAIN = 0.1  # of all that succeeded is asked for once more, as by a client that lost the answer
REGISTER_EVERY = 1.0
NOT_ACCEPTED = (503, 429)
UNKNOWN = (500, 502, 504)


class History:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.lock = threading.Lock()

    def add(self, **entry):
        line = json.dumps({"at": time.monotonic_ns(), **entry}) + "\n"
        with self.lock:
            self.file.write(line)
            self.file.flush()


class Gateways:
    """A client's connections, one to each gateway."""

    def __init__(self, ports):
        self.ports = ports
        self.open = {}

    def ask(self, number, method, path, body, headers):
        """Status, headers and body; throws OSError or HTTPException where there was no whole answer."""
        connection = self.open.get(number) or http.client.HTTPConnection("127.0.0.1", self.ports[number], timeout=ATTEMPT_TIMEOUT)
        self.open[number] = connection
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        except Exception:
            connection.close()
            del self.open[number]
            raise


def outcome_of(status, headers, body):
    if status in (200, 201, 202):
        return {"outcome": "ok", "body": body}
    code = body["error"]["code"] if isinstance(body, dict) and "error" in body else ""
    told = {"code": code, "retryAfter": headers.get("Retry-After")}
    if status in NOT_ACCEPTED or code == "request_in_flight":
        return told | {"outcome": "unavailable"}
    # What the rules can't digest is refused as an internal error: decided, and nothing happened.
    return told | {"outcome": "unknown" if status in UNKNOWN and code != "internal_error" else "refused"}


class Client(threading.Thread):
    """Does one thing after the other; what isn't answered is asked again under its key, at the other gateway, too."""

    def __init__(self, number, options, history, over):
        super().__init__(daemon=True)
        self.number, self.options, self.history, self.over = number, options, history, over
        self.random = random.Random(options.seed * 1000 + number)
        self.gateways = Gateways(options.gateways)
        self.known = {}  # account -> (position, version) of what this client did last

    def run(self):
        while not self.over.is_set():
            self.options.going.wait()
            self.one_thing()
            self.over.wait(self.random.expovariate(1 / self.options.pause))

    def new_id(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def one_thing(self):
        account = self.options.accounts[min(int(self.random.paretovariate(0.8)) - 1, len(self.options.accounts) - 1)]
        dice = self.random.random()
        op = self.new_id()
        if dice < 0.2 and account in self.known:
            return self.look(op, account)
        if dice < 0.6:
            return self.ask(op, "count", account, {"op": op, "by": self.random.randint(1, 9)})
        to = self.random.choice([other for other in self.options.accounts if other != account])
        return self.ask(op, "transfer", account, {"op": op, "to": to, "amount": self.random.choice((1, 5, 30, 400))})

    def look(self, op, account):
        """What it did itself must show. Asked for once: while no projector runs, commands are to flow all the same."""
        position, version = self.known[account]
        gateway = self.random.randrange(len(self.options.gateways))
        self.attempt(op, 1, "read", account, {"least": version}, gateway, "GET", f"/bank/{account}", None, {"Kiroku-Min-Position": position})

    def ask(self, op, kind, account, args):
        headers = {"Content-Type": "application/json", "Idempotency-Key": op}
        path, body = f"/bank/{account}/{kind}", json.dumps(args)
        told = self.attempts(op, kind, account, args, "POST", path, body, headers)
        if told and told["outcome"] == "ok":
            self.known[account] = (told["body"]["position"], told["body"]["version"])
            if self.random.random() < AGAIN:
                self.attempts(op, kind, account, args, "POST", path, body, headers, first=100)

    def attempts(self, op, kind, account, args, method, path, body, headers, first=1):
        """Until it is decided, or for half a minute."""
        give_up = time.monotonic() + OP_GIVES_UP_AFTER
        gateway = self.random.randrange(len(self.options.gateways))
        attempt = first
        while True:
            told = self.attempt(op, attempt, kind, account, args, gateway, method, path, body, headers)
            if told["outcome"] in ("ok", "refused") or time.monotonic() > give_up:
                return told
            if self.over.wait(self.random.uniform(0.05, 0.4)):
                return told
            gateway = (gateway + 1) % len(self.options.gateways)
            attempt += 1

    def attempt(self, op, attempt, kind, account, args, gateway, method, path, body, headers):
        self.history.add(op=op, attempt=attempt, kind=kind, account=account, args=args, client=self.number, gateway=gateway + 1)
        try:
            status, fields, answer = self.gateways.ask(gateway, method, path, body, headers)
            told = {"status": status, **outcome_of(status, fields, answer)}
        except ConnectionRefusedError:
            told = {"outcome": "unavailable", "code": "no_gateway"}
        except (OSError, http.client.HTTPException, ValueError) as error:
            told = {"outcome": "unknown", "code": type(error).__name__}
        self.history.add(op=op, attempt=attempt, **told)
        return told


class Registrar(Client):
    """Two people want one address at the same time, again and again: one gets it."""

    def __init__(self, number, options, history, over):
        super().__init__(number, options, history, over)
        self.gate = None

    def run(self):
        turn = 0
        while not self.over.is_set():
            self.options.going.wait()
            self.gate.wait_for_the_other()
            self.register(turn)
            turn += 1
            self.over.wait(REGISTER_EVERY)

    def register(self, turn):
        op = self.new_id()
        name = f"one-of-two-{self.options.seed}-{turn}@example.org"
        args = {"email": name, "displayName": op, "password": "correct horse battery", "timezone": "UTC"}
        headers = {"Content-Type": "application/json", "Idempotency-Key": op}
        self.attempts(op, "register", name, {"email": name}, "POST", "/auth/register", json.dumps(args), headers)


class Gate:
    """Both registrars start together; neither waits long for the other."""

    def __init__(self):
        self.barrier = threading.Barrier(2)

    def wait_for_the_other(self):
        try:
            self.barrier.wait(5)
        except threading.BrokenBarrierError:
            self.barrier.reset()


def options():
    parser = argparse.ArgumentParser(prog="tests/chaos/workload.py", description=__doc__.splitlines()[0])
    parser.add_argument("--gateways", type=int, nargs="+", required=True, metavar="PORT")
    parser.add_argument("--history", type=pathlib.Path, required=True, metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--accounts", type=int, default=40)
    parser.add_argument("--pause", type=float, default=0.05, metavar="SECONDS", help="of a client between two things, on average")
    chosen = parser.parse_args()
    ids = random.Random(chosen.seed)
    chosen.going = threading.Event()
    chosen.going.set()
    chosen.accounts = [str(uuid.UUID(int=ids.getrandbits(128), version=4)) for _ in range(chosen.accounts)]
    return chosen


def main():
    chosen = options()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (over.set(), chosen.going.set()))
    signal.signal(signal.SIGUSR1, lambda *_: chosen.going.clear())
    signal.signal(signal.SIGUSR2, lambda *_: chosen.going.set())
    history = History(chosen.history)
    clients = [Client(number, chosen, history, over) for number in range(chosen.clients)]
    gate = Gate()
    for number in range(2):
        clients.append(Registrar(chosen.clients + number, chosen, history, over))
        clients[-1].gate = gate
    for client in clients:
        client.start()
    over.wait()
    for client in clients:
        client.join(ATTEMPT_TIMEOUT + 2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
