#!/usr/bin/python3
# tests/chaos/check.py: the checkers: whether what a run left behind keeps every promise. Linear in its length.
"""Each is a function of the evidence that yields a sentence for each broken promise. Names are those of the fault matrix."""
import argparse
import collections
import json
import sys

from evidence import OPENING_BALANCE, Evidence, op_of

RECOVERY_BOUND = 10.0  # seconds, after a decider's or a broker's death
HEALING_BOUND = 30.0  # after any other fault is over
SETTLING_BOUND = 60.0  # until the read models are at the end of the log, once all is over
STOP_BOUND = 20.0
ATTEMPT_BOUND = 12.0  # no client waits longer for an answer, whatever it is
MOST = {"rss": 900 << 20, "files": 1200, "threads": 200}
NANO = 1e9


def k1_ledger(run):
    """Told "yes": decided once, with just that body, and every answer names its events. Told "no" only: nothing happened."""
    granted = collections.defaultdict(list)
    for decision in run.decisions:
        if op := op_of(decision):
            granted[op].append(decision)
    for op in run.ops.values():
        if op.kind == "read":
            continue
        found = granted.pop(op.id, [])
        if len(found) > 1:
            yield f"{op.kind} {op.id} was decided {len(found)} times"
        elif op.granted and not found:
            yield f"{op.kind} {op.id} was promised and is not in the log"
        elif found and not op.granted and not op.any("unknown"):
            yield f"{op.kind} {op.id} was told no ({op.attempts[-1].told.get('code')}) and happened all the same"
        elif found:
            yield from differences(op, found[0])
    for op in granted:
        yield f"nobody asked for {op}, and it is in the log"


def differences(op, decision):
    data = decision.events[0]["data"]
    if op.kind == "count" and data["by"] != op.args["by"] or op.kind == "transfer" and data["amount"] != op.args["amount"]:
        yield f"{op.kind} {op.id} was decided with another body"
    if op.kind == "register" and data["email"] != op.args["email"]:
        yield f"register {op.id} was decided with another address"
    if op.kind == "register":
        return
    wanted = [event["id"] for event in decision.events]
    for attempt in op.granted:
        body = attempt.told["body"]
        if body["events"] != wanted or body["version"] != decision.last_version:
            yield f"{op.kind} {op.id}, attempt {attempt.number}, was told of {body}, but the log has {wanted}"


def k2_log(run):
    """No command is decided twice, none before an earlier one; versions have no holes; the hash chain is what was signed."""
    for context, log in run.logs.items():
        commands, versions, offsets = set(), collections.Counter(), {}
        for decision in log.decisions:
            where = f"{context}/{decision.partition}@{decision.events[0]['offset']}"
            if decision.command in commands:
                yield f"{where} decides command {decision.command} again"
            commands.add(decision.command)
            if decision.command_offset <= offsets.get(decision.partition, -1):
                yield f"{where} answers command {decision.command_offset} after {offsets[decision.partition]}"
            offsets[decision.partition] = decision.command_offset
            if decision.version != versions[decision.subject] + 1:
                yield f"{where} is version {decision.version} of {decision.subject} after {versions[decision.subject]}"
            versions[decision.subject] = decision.last_version
            if len({event["subject"] for event in decision.events}) > 1:
                yield f"{where} is about two aggregates"
    if run.end["audit"] != 0:
        yield f"kiroku audit ended with {run.end['audit']}"


def k3_state(run):
    """What a decider has kept is what the log says, as far as it has read it."""
    by_subject = collections.defaultdict(list)
    for decision in run.decisions:
        by_subject[decision.context, decision.subject].append(decision)
    if not run.stores:
        yield "no decider's store was looked at"
    for number, store in enumerate(run.stores, 1):
        held = 0
        for entry in store[:-1]:
            held += len(entry["decisions"])
            wanted = [(one.command, one.command_offset, one.version, [event["id"] for event in one.events])
                      for one in by_subject[entry["context"], entry["subject"]] if one.last_offset < entry["next"]]
            found = [(one["command"], one["commandOffset"], one["version"], [event["id"] for event in one["events"]])
                     for one in entry["decisions"]]
            if found != wanted:
                yield f"store {number} has {len(found)} decisions on {entry['subject']}, the log {len(wanted)}, or they differ"
        if held != store[-1]["held"]:
            yield f"store {number} holds {store[-1]['held']} decisions, {held} of them about aggregates of the log"


def balances(run):
    """The accounts as the log has them: {id: {"balance", "count", "version"}}."""
    accounts = {}
    for decision in run.logs["bank"].decisions:
        account = accounts.setdefault(decision.subject.split("/")[1], {"balance": OPENING_BALANCE, "count": 0, "version": 0})
        for event in decision.events:
            kind, data = event["type"].split(".")[1], event["data"]
            account["version"] += 1
            account["count"] += data["by"] if kind == "counted" else 0
            account["balance"] += {"debited": -1, "received": 1}.get(kind, 0) * data.get("amount", 0)
    return accounts


def k4_read_model(run):
    """Tables hold what a fold of the log from its beginning gives, and no position lies behind the log's end."""
    wanted = balances(run)
    for account in sorted(wanted.keys() | run.accounts.keys()):
        if wanted.get(account) != run.accounts.get(account):
            yield f"account {account} is {run.accounts.get(account)} in the table and {wanted.get(account)} in the log"
    claimed = {event["data"]["email"] for decision in run.logs["identity"].decisions for event in decision.events
               if event["type"] == "identity.user_registered.v1"}
    for email in sorted(claimed ^ run.claims.keys()):
        yield f"{email} is in the {'log' if email in claimed else 'table'} only"
    for context, partition, position in run.positions:
        if context in run.logs and position > run.logs[context].ends[partition]:
            yield f"a read model is at {context}/{partition}@{position}, behind the log's end"
    if run.end["verify"] != 0:
        yield f"kiroku verify ended with {run.end['verify']}"


def k6_invariants(run):
    """Money is neither made nor lost, what was sent is received once, and an address has one owner."""
    sent, received, owners = {}, {}, {}
    for decision in run.logs["bank"].decisions:
        account = decision.subject.split("/")[1]
        for event in decision.events:
            data = event["data"]
            if event["type"] == "bank.sent.v1":
                sent[event["id"]] = data["from"], data["to"], data["amount"]
                if len(decision.events) != 2 or decision.events[0]["data"]["amount"] != data["amount"]:
                    yield f"{event['id']} was sent without being debited"
            elif event["type"] == "bank.received.v1":
                if data["transfer"] in received:
                    yield f"transfer {data['transfer']} was received twice"
                received[data["transfer"]] = data["from"], account, data["amount"]
    for transfer in sent.keys() | received.keys():
        if sent.get(transfer) != received.get(transfer):
            yield f"transfer {transfer} was sent as {sent.get(transfer)} and received as {received.get(transfer)}"
    for name, accounts in (("log", balances(run)), ("table", run.accounts)):
        total = sum(account["balance"] for account in accounts.values())
        if total != OPENING_BALANCE * len(accounts):
            yield f"by the {name} there is {total} in {len(accounts)} accounts of {OPENING_BALANCE}"
        yield from (f"account {key} has less than nothing" for key, one in accounts.items() if one["balance"] < 0)
    for decision in run.logs["identity"].decisions:
        for event in decision.events:
            if event["type"] == "identity.email_claimed.v1":
                if event["data"]["email"] in owners:
                    yield f"{event['data']['email']} was given to two"
                owners[event["data"]["email"]] = event["data"]["userId"]


def k7_order(run):
    """What was answered before another began has the smaller version; who waits for a position sees what is there."""
    changes = collections.defaultdict(list)
    for op in run.ops.values():
        if op.kind in ("count", "transfer") and op.granted:
            first = op.granted[0]
            changes[op.account].append((first.told["body"]["version"], op.attempts[0].invoked, first.returned, op.id))
        for attempt in op.granted if op.kind == "read" else ():
            if attempt.told["body"]["version"] < op.args["least"]:
                yield f"a read of {op.account} showed version {attempt.told['body']['version']}, not {op.args['least']} or later"
    for account, ops in changes.items():
        latest_begin = 0
        for version, invoked, returned, op in sorted(ops):
            if returned < latest_begin:
                yield f"{op} is version {version} of {account}, behind one that began after it had ended"
            latest_begin = max(latest_begin, invoked)


def recoveries(run):
    """For each fault the longest time (seconds) in which a partition of the bank answered nobody, while there was load."""
    answers = collections.defaultdict(list)
    for op in run.ops.values():
        if op.kind in ("count", "transfer"):
            for attempt in op.granted:
                partition = attempt.told["body"]["position"].split("@")[0]
                answers[partition].append(attempt.returned)
    for times in answers.values():
        times.sort()
    places = dict.fromkeys(answers, 0)
    for fault in run.faults:
        if fault.get("last"):  # nobody asked for anything any more
            continue
        worst = 0.0
        for partition, times in answers.items():
            place = places[partition]
            while place < len(times) and times[place] < fault["from"]:
                place += 1
            places[partition] = place
            before = max(times[place - 1] if place else fault["from"], fault["from"])
            while True:
                after = times[place] if place < len(times) else fault["watched"]
                worst = max(worst, (min(after, fault["watched"]) - before) / NANO)
                if after >= fault["watched"]:
                    break
                before = after
                place += 1
        yield fault, worst


def k8_liveness(run):
    """Commands flow again soon after each fault, and at the end the read models are where the log is."""
    for fault, longest in recoveries(run):
        bound = fault.get("bound", HEALING_BOUND)
        if longest > bound:
            yield f"{fault['fault']}: a partition answered nobody for {longest:.1f} s, bound {bound:.0f} s"
    for fault in run.faults:
        yield from (f"{fault['fault']}: {flaw}" for flaw in fault.get("flaws", ()))
    if run.end["settled"] is None or run.end["settled"] > SETTLING_BOUND:
        yield f"the read models weren't at the log's end after {run.end['settled']} s"
    for name, (took, code) in run.end["stops"].items():
        if code != 0 or took > STOP_BOUND:
            yield f"{name} needed {took:.1f} s to stop and ended with {code}"
    if not any(op.granted for op in run.ops.values()):
        yield "nothing was answered at all"


def k9_bounds(run):
    """Memory, files and threads stay bounded, no client waits beyond the deadline, and who isn't served is told when to come."""
    worst = collections.defaultdict(int)
    for sample in run.resources:
        for what in MOST:
            worst[sample["role"], what] = max(worst[sample["role"], what], sample[what])
    yield from (f"{role} had {value} {what}, bound {MOST[what]}" for (role, what), value in worst.items() if value > MOST[what])
    for op in run.ops.values():
        for attempt in op.attempts:
            if attempt.returned is not None and (attempt.returned - attempt.invoked) / NANO > ATTEMPT_BOUND:
                yield f"{op.kind} {op.id} waited {(attempt.returned - attempt.invoked) / NANO:.1f} s"
            if attempt.told.get("status") in (503, 429) and not attempt.told.get("retryAfter"):
                yield f"{op.kind} {op.id} was told {attempt.told['status']} ({attempt.told['code']}) without Retry-After"
            if attempt.told.get("status") == 500 and attempt.args.get("by") != 666:
                yield f"{op.kind} {op.id} was told 500 ({attempt.told['code']})"


CHECKERS = {"K1": k1_ledger, "K2": k2_log, "K3": k3_state, "K4": k4_read_model, "K6": k6_invariants, "K7": k7_order,
            "K8": k8_liveness, "K9": k9_bounds}


def check(run, names=CHECKERS):
    """{checker: [broken promises]}, all of them named."""
    return {name: list(CHECKERS[name](run)) for name in names}


def main():
    parser = argparse.ArgumentParser(prog="tests/chaos/check.py", description="Checks what a run left in a folder.")
    parser.add_argument("evidence", help="the folder")
    parser.add_argument("--without", action="append", default=[], choices=("term", "sequence", "whole"),
                        help="leave out a part of the rule that says what counts, to see what it is for")
    parser.add_argument("--json", action="store_true", help="{checker: [violations]}")
    options = parser.parse_args()
    found = check(Evidence(options.evidence, options.without))
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for name, violations in found.items():
            print(f"{name}: {'holds' if not violations else f'{len(violations)} violations'}  {CHECKERS[name].__doc__}")
            for violation in violations[:5]:
                print(f"    {violation}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
