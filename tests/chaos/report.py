# tests/chaos/report.py: what a run came to, for people and for programs.
import collections
import statistics

from check import CHECKERS, check, recoveries
from evidence import Evidence


MOST_UNMET = 0.25  # of the faults; what couldn't be brought about has shown nothing


def summary(folder):
    """All that there is to say about what a run left in a folder."""
    run = Evidence(folder)
    outcomes = collections.Counter()
    for op in run.ops.values():
        outcomes["granted" if op.granted else "refused" if op.any("refused") else "unknown" if op.any("unknown") else "not accepted"] += 1
    attempts = collections.Counter(attempt.outcome for op in run.ops.values() for attempt in op.attempts)
    waits = sorted((attempt.returned - attempt.invoked) / 1e6 for op in run.ops.values() for attempt in op.granted)
    silences = collections.defaultdict(list)
    titles = {}
    for fault, longest in recoveries(run):
        silences[fault["fault"]].append(longest)
        titles[fault["fault"]] = fault
    return {
        "faults": [{"fault": name, "title": titles[name]["title"], "times": len(times), "bound": titles[name]["bound"],
                    "recoveryP50": round(statistics.median(times), 2), "recoveryMax": round(max(times), 2)}
                   for name, times in silences.items()],
        "unmet": [f"{fault['fault']}: {what}" for fault in run.faults for what in fault.get("unmet", ())],
        "measured": [f"{fault['fault']}: {what}" for fault in run.faults for what in fault.get("measured", ())],
        "operations": dict(outcomes), "attempts": dict(attempts),
        "answerMilliseconds": {"p50": round(waits[len(waits) // 2], 1), "p99": round(waits[len(waits) * 99 // 100], 1)} if waits else {},
        "log": {context: {"decisions": len(log.decisions), "fences": log.fences, "void": log.void} for context, log in run.logs.items()},
        "violations": check(run),
        "withoutTheTerm": {name: len(found) for name, found in check(Evidence(folder, ["term"]), ("K1", "K2")).items()},
    }


def flaws_of(found):
    """What keeps a run from having passed."""
    flaws = [f"{name}: {violation}" for name, violations in found["violations"].items() for violation in violations]
    if found["log"]["bank"]["void"] > 20 and not any(found["withoutTheTerm"].values()):
        flaws.append("F4: without the term in the rule nothing would have gone wrong, although so much was void")
    if len(found["unmet"]) > MOST_UNMET * max(len(found["faults"]), 4):
        flaws.append(f"too many faults couldn't be brought about: {'; '.join(found['unmet'])}")
    return flaws


def text(found):
    lines = ["", "fault          times  recovery p50      max    bound  what happened"]
    for fault in found["faults"]:
        lines.append(f"{fault['fault']:<14} {fault['times']:>5}  {fault['recoveryP50']:>10.1f} s {fault['recoveryMax']:>6.1f} s"
                     f" {fault['bound']:>6.0f} s  {fault['title']}")
    lines += ["", "operations: " + told(found["operations"]), "attempts: " + told(found["attempts"])]
    for context, counts in found["log"].items():
        lines.append(f"log of {context}: " + told(counts))
    if found["answerMilliseconds"]:
        lines.append("answers: p50 {p50} ms, p99 {p99} ms, faults included".format(**found["answerMilliseconds"]))
    lines.append("the same log read without the term: " + ", ".join(f"{count} violations of {name}"
                                                                    for name, count in found["withoutTheTerm"].items()))
    lines += [f"measured: {what}" for what in found["measured"]]
    lines += [f"not met: {what}" for what in found["unmet"]]
    lines.append("")
    for name, violations in found["violations"].items():
        lines.append(f"{name}  {'holds   ' if not violations else 'VIOLATED'}  {CHECKERS[name].__doc__}")
        lines += [f"      {violation}" for violation in violations[:5]]
        if len(violations) > 5:
            lines.append(f"      and {len(violations) - 5} more")
    return "\n".join(lines)


def told(counts):
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
