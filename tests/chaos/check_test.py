# tests/chaos/check_test.py: each checker finds what was planted for it, and nothing where all is well.
import copy
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from check import CHECKERS, check, recoveries  # noqa: E402
from evidence import Evidence  # noqa: E402

A, B = "account/a", "account/b"
SECOND = 1_000_000_000


def fence(owner="one"):
    return {"type": "bank.fence.v1", "data": {"owner": owner}}


def event(kind, subject, version, command, command_offset, sequence, data, part=1, parts=1, term=0, context="bank"):
    return {"type": f"{context}.{kind}.v1", "subject": subject, "id": f"{command}-{part}", "term": str(term), "sequence": str(sequence),
            "part": part, "parts": parts, "aggregateversion": str(version), "commandid": command, "commandoffset": str(command_offset),
            "data": data}


def begins(at, op, kind, account, args, attempt=1):
    return {"at": at, "op": op, "attempt": attempt, "kind": kind, "account": account, "args": args, "client": 0, "gateway": 1}


def ends(at, op, outcome, attempt=1, **told):
    return {"at": at, "op": op, "attempt": attempt, "outcome": outcome, **told}


def done(version, events, offset):
    return {"status": 200, "body": {"version": version, "events": events, "value": 0, "position": f"bank/0@{offset}"}}


def sound():
    """A small run in which all went well: two counted, one paid the other, one was refused, one read, one registered."""
    bank = [fence(),
            event("counted", A, 1, "c1", 0, 1, {"op": "op1", "by": 2, "count": 2}),
            event("debited", A, 2, "c2", 1, 2, {"op": "op2", "amount": 30, "balance": 970}, 1, 2),
            event("sent", A, 3, "c2", 1, 3, {"from": "a", "to": "b", "amount": 30}, 2, 2),
            event("received", B, 1, "c3", 3, 4, {"transfer": "c2-2", "from": "a", "amount": 30, "balance": 1030}),
            event("counted", B, 2, "late", 2, 1, {"op": "op9", "by": 1, "count": 1}, term=-1),
            event("counted", B, 2, "c4", 4, 5, {"op": "op4", "by": 1, "count": 1})]
    person = {"email": "x@example.org", "displayName": "op5", "userId": "u"}
    identity = [{"type": "identity.fence.v1", "data": {}},
                event("email_claimed", "email_claim/e", 1, "i1", 0, 1, person, context="identity"),
                event("user_registered", "user/u", 1, "i2", 1, 2, {"email": "x@example.org"}, context="identity")]
    history = [
        begins(1 * SECOND, "op1", "count", "a", {"op": "op1", "by": 2}), ends(2 * SECOND, "op1", "ok", **done(1, ["c1-1"], 1)),
        begins(3 * SECOND, "op2", "transfer", "a", {"op": "op2", "to": "b", "amount": 30}),
        ends(4 * SECOND, "op2", "ok", **done(3, ["c2-1", "c2-2"], 3)),
        begins(5 * SECOND, "op3", "transfer", "b", {"op": "op3", "to": "a", "amount": 4000}),
        ends(6 * SECOND, "op3", "refused", status=403, code="forbidden"),
        begins(6 * SECOND, "op4", "count", "b", {"op": "op4", "by": 1}), ends(7 * SECOND, "op4", "unknown", code="TimeoutError"),
        begins(7 * SECOND, "op4", "count", "b", {"op": "op4", "by": 1}, attempt=2),
        ends(8 * SECOND, "op4", "ok", attempt=2, **done(2, ["c4-1"], 6)),
        begins(8 * SECOND, "op6", "read", "b", {"least": 2}),
        ends(9 * SECOND, "op6", "ok", status=200, body={"balance": 1030, "count": 1, "version": 2}),
        begins(9 * SECOND, "op5", "register", "x@example.org", {"email": "x@example.org"}),
        ends(10 * SECOND, "op5", "ok", status=201, body={}),
        begins(10 * SECOND, "op7", "count", "b", {"op": "op7", "by": 1}),
        ends(11 * SECOND, "op7", "unavailable", status=503, code="command_not_accepted", retryAfter="1")]
    stores = [[{"context": "bank", "partition": 0, "next": 7, "subject": A, "decisions": [
        {"command": "c1", "commandOffset": 0, "version": 1, "events": [{"id": "c1-1"}]},
        {"command": "c2", "commandOffset": 1, "version": 2, "events": [{"id": "c2-1"}, {"id": "c2-2"}]}]},
        {"context": "bank", "partition": 0, "next": 6, "subject": B, "decisions": [
            {"command": "c3", "commandOffset": 3, "version": 1, "events": [{"id": "c3-1"}]}]},
        {"held": 3}]]
    return {"history": history, "logs": {"bank": bank, "identity": identity}, "stores": stores,
            "tables": {"bank_accounts": [{"account_id": "a", "balance": 970, "count": 2, "version": 3},
                                         {"account_id": "b", "balance": 1030, "count": 1, "version": 2}],
                       "accounts": [{"user_id": "u", "email": "x@example.org"}],
                       "checkpoint": [{"context": "bank", "part": 0, "next_offset": 7}]},
            "faults": [{"fault": "F1", "from": 2 * SECOND, "watched": 8 * SECOND, "bound": 10}],
            "resources": [{"at": SECOND, "role": "decide-1", "rss": 1000, "files": 10, "threads": 4}],
            "end": {"audit": 0, "verify": 0, "settled": 1.0, "stops": {"decide-1": [1.0, 0]}}}


def write(run, folder):
    for name in ("log", "tables", "stores"):
        (folder / name).mkdir()

    def lines(name, items):
        (folder / name).write_text("".join(json.dumps(item) + "\n" for item in items))
    lines("history.ndjson", run["history"])
    lines("faults.ndjson", run["faults"])
    lines("resources.ndjson", run["resources"])
    for context, events in run["logs"].items():
        (folder / f"log/{context}.tsv").write_text(
            "".join(f"0\t{offset}\t\t{json.dumps(item)}\n" for offset, item in enumerate(events)))
    for number, store in enumerate(run["stores"], 1):
        lines(f"stores/{number}.ndjson", store)
    for table, rows in run["tables"].items():
        text = ",".join(rows[0]) + "\n" + "".join(",".join(map(str, row.values())) + "\n" for row in rows)
        (folder / f"tables/{table}.csv").write_text(text)
    (folder / "end.json").write_text(json.dumps(run["end"]))


def checked(run, without=()):
    with tempfile.TemporaryDirectory() as folder:
        write(run, pathlib.Path(folder))
        return check(Evidence(folder, without))


class Planted(unittest.TestCase):
    """`plant` spoils a sound run; `names` are the checkers that must notice, and none but they and `also` may."""

    def found(self, plant, *names, also=()):
        run = copy.deepcopy(sound())
        plant(run)
        broken = {name for name, violations in checked(run).items() if violations}
        self.assertLessEqual(set(names), broken)
        self.assertLessEqual(broken, {*names, *also})

    def test_a_sound_run_breaks_nothing(self):
        self.assertEqual(checked(sound()), {name: [] for name in CHECKERS})

    # --- K1 ---
    def test_k1_a_promise_that_is_not_in_the_log(self):
        self.found(lambda run: run["logs"]["bank"].pop(), "K1", also=("K3", "K4"))

    def test_k1_an_answer_that_is_not_what_was_decided(self):
        self.found(lambda run: run["history"][1]["body"].update(events=["other"]), "K1")

    def test_k1_a_no_that_happened(self):
        def plant(run):
            run["history"][1].update(outcome="refused", status=403, code="forbidden")
        self.found(plant, "K1")

    def test_k1_not_accepted_and_done(self):
        def plant(run):
            del run["history"][8:10]
            run["history"][7].update(outcome="unavailable", status=503, retryAfter="1")
        self.found(plant, "K1")

    def test_k1_another_body(self):
        self.found(lambda run: run["logs"]["bank"][1]["data"].update(by=3), "K1", also=("K4",))

    def test_k1_what_nobody_asked_for(self):
        self.found(lambda run: run["history"].__delitem__(slice(0, 2)), "K1")

    # --- K2 ---
    def test_k2_a_command_decided_twice(self):
        def plant(run):
            run["logs"]["bank"].append(event("counted", B, 3, "c4", 9, 6, {"op": "op4", "by": 1, "count": 2}))
        self.found(plant, "K2", "K1", also=("K4",))

    def test_k2_a_version_hole(self):
        self.found(lambda run: run["logs"]["bank"][6].update(aggregateversion="3"), "K2", also=("K1", "K4", "K7"))

    def test_k2_an_earlier_command_later(self):
        self.found(lambda run: run["logs"]["bank"][6].update(commandoffset="2"), "K2")

    def test_k2_a_broken_chain(self):
        self.found(lambda run: run["end"].update(audit=1), "K2")

    # --- K3 ---
    def test_k3_a_decision_that_the_store_lost(self):
        def plant(run):
            run["stores"][0][0]["decisions"].pop()
            run["stores"][0][2]["held"] = 2
        self.found(plant, "K3")

    def test_k3_one_too_many(self):
        self.found(lambda run: run["stores"][0][2].update(held=4), "K3")

    def test_k3_another_event(self):
        self.found(lambda run: run["stores"][0][0]["decisions"][0]["events"][0].update(id="x"), "K3")

    # --- K4 ---
    def test_k4_a_row_that_differs(self):
        self.found(lambda run: run["tables"]["bank_accounts"][0].update(count=3), "K4")

    def test_k4_a_row_too_few(self):
        self.found(lambda run: run["tables"]["bank_accounts"].pop(), "K4", also=("K6",))

    def test_k4_a_position_behind_the_end(self):
        self.found(lambda run: run["tables"]["checkpoint"][0].update(next_offset=8), "K4")

    def test_k4_kiroku_verify_found_something(self):
        self.found(lambda run: run["end"].update(verify=1), "K4")

    # --- K6 ---
    def test_k6_money_received_twice(self):
        def plant(run):
            again = {"transfer": "c2-2", "from": "a", "amount": 30, "balance": 1060}
            run["logs"]["bank"].append(event("received", B, 3, "c9", 9, 6, again))
            run["tables"]["bank_accounts"][1].update(balance=1060, version=3)
        self.found(plant, "K6", also=("K4",))

    def test_k6_money_that_never_arrived(self):
        self.found(lambda run: run["logs"]["bank"].__setitem__(4, fence()), "K6", also=("K1", "K2", "K3", "K4"))

    def test_k6_money_from_nowhere_in_the_table(self):
        self.found(lambda run: run["tables"]["bank_accounts"][0].update(balance=1970), "K6", "K4")

    def test_k6_an_address_given_to_two(self):
        def plant(run):
            person = {"email": "x@example.org", "displayName": "op8", "userId": "v"}
            run["logs"]["identity"].append(event("email_claimed", "email_claim/f", 1, "i9", 9, 3, person, context="identity"))
            run["history"] += [begins(11 * SECOND, "op8", "register", "x@example.org", {"email": "x@example.org"}),
                               ends(12 * SECOND, "op8", "ok", status=201, body={})]
        self.found(plant, "K6")

    # --- K7 ---
    def test_k7_later_and_yet_before(self):
        def plant(run):  # op2 (versions 2 and 3) has ended before op1 (version 1) begins
            run["history"][0]["at"], run["history"][1]["at"] = 5 * SECOND, 6 * SECOND
        self.found(plant, "K7")

    def test_k7_a_stale_read(self):
        self.found(lambda run: run["history"][11]["body"].update(version=1), "K7")

    # --- K8 ---
    def test_k8_nobody_was_answered_for_long(self):
        def plant(run):
            run["faults"][0].update({"from": 8 * SECOND, "watched": 30 * SECOND})
        self.found(plant, "K8")

    def test_k8_it_never_settled(self):
        self.found(lambda run: run["end"].update(settled=None), "K8")

    def test_k8_what_a_fault_says_itself(self):
        self.found(lambda run: run["faults"][0].update(flaws=["it wasn't met"]), "K8")

    def test_k8_who_does_not_stop(self):
        self.found(lambda run: run["end"]["stops"].update({"decide-1": [30.0, None]}), "K8")

    # --- K9 ---
    def test_k9_memory(self):
        self.found(lambda run: run["resources"][0].update(rss=1 << 40), "K9")

    def test_k9_who_is_told_nothing(self):
        self.found(lambda run: run["history"][-1].update(retryAfter=None), "K9")

    def test_k9_who_waits_for_ever(self):
        self.found(lambda run: run["history"][-1].update(at=99 * SECOND), "K9")

    def test_k9_something_went_wrong_on_our_side(self):
        self.found(lambda run: run["history"][5].update(status=500, code="internal_error"), "K9")


class Rule(unittest.TestCase):
    """Each part of the rule that says what counts is needed: without it, the same sound run breaks a promise."""

    def test_without_the_term(self):
        run = sound()  # an owner that was fenced off wrote the next number
        run["logs"]["bank"].insert(6, event("counted", B, 2, "late2", 2, 5, {"op": "op8", "by": 1, "count": 1}, term=-1))
        self.assertFalse(any(checked(run).values()))
        self.assertTrue(checked(run, ["term"])["K1"])

    def test_without_the_sequence(self):
        run = sound()
        run["logs"]["bank"].insert(6, event("counted", B, 2, "gap", 2, 7, {"op": "op8", "by": 1, "count": 1}))
        self.assertFalse(any(checked(run).values()))
        self.assertTrue(checked(run, ["sequence"])["K1"])

    def test_without_wholeness(self):
        run = sound()
        run["logs"]["bank"] += [event("debited", B, 3, "cut", 9, 6, {"op": "op8", "amount": 5, "balance": 1025}, 1, 2), fence("two")]
        self.assertFalse(any(checked(run).values()))
        self.assertTrue(checked(run, ["whole"])["K1"])


class Recovery(unittest.TestCase):
    def test_the_longest_silence_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            write(sound(), pathlib.Path(folder))
            self.assertEqual([round(worst, 3) for _, worst in recoveries(Evidence(folder))], [4.0])


if __name__ == "__main__":
    unittest.main()
