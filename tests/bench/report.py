# tests/bench/report.py: the figures as a table for people, with what was to be reached beside what was.
import rebuilding_report
import sockets_report
from tables import at, number, ratio, table

# What to reach: name, where its value comes from, the bound, and whether smaller is better.
TARGETS = (
    ("HTTP answer, 1 in flight: p50 / raw loop's p50", "httpToRawP50", 3.5, True),
    ("HTTP answer, 512 in flight: rate / raw loop's rate", "httpToRawRate", 0.18, False),
    ("push at 100 commands/s: p99, ms", "pushP99", 20.0, True),
    ("GET /me/progress, 64 connections: rate / pgbench's rate by key", "getToPgbench", 0.6, False),
    ("five times as many clients as may wait: goodput / at its best", "goodputOverloaded", 0.8, False),
    ("kiroku audit: rate / consuming and parsing the same log", "auditToParse", 0.5, False),
    ("projecting live, 33,000 events/s appended: events/s in all tables", "liveRate", 30_000, False),
    ("projecting live, 1,000 events/s appended: p99 until in all tables, ms", "liveP99", 15.0, True),
    ("decider alone, 1 in flight: p50 / raw loop's p50", "deciderToRawP50", 1.6, True),
    ("decider alone, 64 in flight: rate / raw loop's rate", "deciderToRaw64", 0.75, False),
    ("decider alone, 512 in flight: rate / raw loop's rate", "deciderToRaw512", 0.5, False),
    ("decider alone, 2,000 in flight: rate / raw loop's rate", "deciderToRaw2000", 0.65, False),
    ("decider alone, the worst level: p99 / raw loop's p99", "deciderToRawP99", 2.0, True),
    ("decider started again, stopped or killed: until it decides, s", "deciderStarts", 2.0, True),
    *sockets_report.TARGETS,
    *rebuilding_report.TARGETS,
)


def decider_to_raw(results, level, figure):
    return ratio(at(results, "deciding", "decider", level, figure), at(results, "deciding", "raw", level, figure))


def reached(results):
    """What the targets are about, as far as it was measured."""
    return {
        "httpToRawP50": ratio(at(results, "commands", "http", 1, "p50"), at(results, "commands", "raw", 1, "p50")),
        "httpToRawRate": ratio(at(results, "commands", "http", 512, "rate"), at(results, "commands", "raw", 512, "rate")),
        "pushP99": at(results, "push", "event", "p99"),
        "getToPgbench": ratio(at(results, "reads", "http", "rate"), at(results, "reads", "pgbench", "rate")),
        "goodputOverloaded": ratio(at(results, "overload", "patient", "rate"), at(results, "overload", "best", "rate")),
        "liveRate": at(results, "projecting", "live", "busy", "rate"),
        "liveP99": at(results, "projecting", "live", "steady", "p99"),
        "auditToParse": ratio(at(results, "projecting", "audit", "rate"), at(results, "projecting", "limits", "parse")),
        "deciderToRawP50": decider_to_raw(results, 1, "p50"),
        "deciderToRaw64": decider_to_raw(results, 64, "rate"),
        "deciderToRaw512": decider_to_raw(results, 512, "rate"),
        "deciderToRaw2000": decider_to_raw(results, 2000, "rate"),
        "deciderToRawP99": max((decider_to_raw(results, level, "p99") for level in at(results, "deciding", "decider") or ()), default=None),
        "deciderStarts": max((at(results, "deciding", "starting", how) or 0 for how in ("stopped", "killed"))) or None,
        **sockets_report.reached(results),
        **rebuilding_report.reached(results.get("rebuilding")),
    }


def verdicts(results):
    """A line a target: what it is, what was reached, what was to be, and how that compares."""
    values = reached(results)
    for name, key, bound, smaller in TARGETS:
        value = values[key]
        if value is None:
            yield name, "not measured", f"{'≤' if smaller else '≥'} {bound:g}", ""
        else:
            good = value <= bound if smaller else value >= bound
            yield name, f"{value:.3g}", f"{'≤' if smaller else '≥'} {bound:g}", "reached" if good else "MISSED"


def troubles(results):
    """What must not happen in a run, whatever its figures."""
    for section, names in LEVELS.items():
        for kind, level, figures in levels(results, section):
            if figures.get("errors") or figures.get("failures"):
                yield f"{names[kind]}, {level} in flight: not every command succeeded: {figures.get('errors') or figures['failures']}"
    yield from sockets_report.troubles(results)
    if at(results, "reads", "http", "errors"):
        yield f"GET /me/progress: not every one succeeded: {results['reads']['http']['errors']}"
    if at(results, "push", "missing"):
        yield f"{results['push']['missing']} events were never pushed"
    if at(results, "visible", "stale"):
        yield f"{results['visible']['stale']} rows were older than the position that was asked for"
    if at(results, "visible", "lateRewards"):
        yield f"{results['visible']['lateRewards']} completions were answered before their reward was known"


def machine_text(facts):
    lines = [f"{facts['cpu']}, {facts['cores']} cores, {facts['memoryGiB']} GiB; {facts['system']}, Linux {facts['kernel']}",
             f"librdkafka {facts['librdkafka']}, {facts['postgres']}; commit {facts['commit']}; {facts['time']}",
             f"load average before: {facts['loadBefore']}"]
    if facts["busy"]:
        lines.append("THE MACHINE WAS BUSY BEFORE THE RUN: these figures tell little")
    return "\n".join(lines)


# What was measured at several numbers in flight, by section and kind.
LEVELS = {"commands": {"raw": "raw loop", "http": "HTTP command → durable answer"},
          "deciding": {"raw": "raw loop", "decider": "decider alone", "replies": "the same, told in replies",
                       "transactions": "the same in Kafka transactions"}}


def levels(results, section):
    """Kind, number in flight and figures of all that a section measured so."""
    for kind in LEVELS[section]:
        for level, figures in sorted((at(results, section, kind) or {}).items()):
            yield kind, level, figures


def level_rows(results, section):
    for kind, level, figures in sorted(levels(results, section), key=lambda one: one[1]):
        raw = at(results, section, "raw", level) if kind != "raw" else None
        yield [LEVELS[section][kind], f"{level}", figures["rate"], figures["p50"], figures["p95"], figures["p99"],
               *(ratio(figures[what], at(raw, what)) for what in ("rate", "p50", "p99"))]


def levels_text(results, section):
    head = [f"{section} (ms)", "in flight", "rate/s", "p50", "p95", "p99", "rate/raw", "p50/raw", "p99/raw"]
    return table(head, level_rows(results, section))


def commands_text(results):
    return levels_text(results, "commands")


def deciding_text(results):
    found = results["deciding"]["starting"]
    limits, anew = found["limits"], found["anew"]
    starts = table([f"decider with {found['learners']:,} learners", "seconds until it decides", "events/s", "/ parse"],
                   [["started again after a stop", found["stopped"], "–", "–"],
                    ["started again after a kill", found["killed"], "–", "–"],
                    ["started without its store", anew["seconds"], anew["rate"], ratio(anew["rate"], limits["parse"])],
                    [f"(consume and parse, {limits['records']:,} records of {limits['meanBytes']} bytes)", "–", limits["parse"], 1.0],
                    ["(it decided about each of them once)", "–", found["filled"], "–"]])
    return levels_text(results, "deciding") + "\n\n" + starts


def waiting_text(results):
    """Everything that is a latency and no rate."""
    rows = []
    for name, figures in (("command → its event pushed, 100/s", at(results, "push", "event")),
                          ("completion → its XP pushed", at(results, "push", "reward")),
                          ("completion → answer with reward", at(results, "visible", "answered")),
                          ("that answer → row read at its position", at(results, "visible", "read")),
                          ("completion → row read", at(results, "visible", "visible"))):
        if figures:
            rows.append([name, f"{figures['count']}", figures["p50"], figures["p95"], figures["p99"], figures["worst"]])
    return table(["waiting (ms)", "count", "p50", "p95", "p99", "worst"], rows)


def reads_text(results):
    found = results["reads"]
    rows = [["GET /me/progress, 64 connections", found["http"]["rate"], found["http"]["p50"], found["http"]["p99"]]]
    if "pgbench" in found:
        rows.append(["pgbench, 64 clients, by key, prepared", found["pgbench"]["rate"], "mean " + number(found["pgbench"]["mean"]), "–"])
    return table(["reads (ms)", "rate/s", "p50", "p99"], rows)


def projecting_text(results):
    found = results["projecting"]
    limits = found["limits"]
    rows = [["consume only", limits["consume"], "–", "–", "–", "–"], ["consume and parse", limits["parse"], 1.0, "–", "–", "–"],
            ["read through the validity rule (envelopes)", limits["read"], ratio(limits["read"], limits["parse"]), "–", "–", "–"]]
    if "audit" in found:
        rows.append(["kiroku audit, process start included", found["audit"]["rate"], ratio(found["audit"]["rate"], limits["parse"]),
                     "–", "–", "–"])
    for name in [name for name in found if name not in ("log", "limits", "audit", "live")]:
        one = found[name]
        shown = "progress, xp_history, leaderboard in one pass" if name == "together" else f"{name} alone"
        rows.append([f"project from zero: {shown}", one["rate"], ratio(one["rate"], limits["parse"]), one.get("rateOnceRunning"),
                     ratio(one["projectCpu"], one["seconds"]), ratio(one["databaseCpu"], one["seconds"])])
    title = f"projecting ({limits['records']:,} records of {limits['meanBytes']} bytes)"
    text = table([title, "events/s", "/ parse", "once running", "cores", "database's cores"], rows)
    if "live" in found:
        text += "\n\n" + table(["appended → in all tables of progress, xp_history, leaderboard (ms)", "events/s", "p50", "p99", "worst"],
                               [[f"{one['asked']:,.0f} events/s appended", one["rate"], one["p50"], one["p99"], one["worst"]]
                                for one in found["live"].values()])
    return text


STAGES = (("requestToAppended", "request → command in the log (HTTP, token, broker)"),
          ("appendedToDecided", "→ decided (fetched, state, rules)"),
          ("decidedToAnswered", "→ answered (event in the log, fetched, proven, HTTP)"),
          ("whole", "all of it"))


def time_text(results):
    """Where time goes: one command's stages, and the CPU that each process spends on one."""
    texts = []
    stages = at(results, "stages", "stages")
    if stages:
        texts.append(table([f"one command's way, mean of {stages['count']}", "ms"], [[name, stages[key]] for key, name in STAGES]))
    nothing = at(results, "stages", "nothing", "p50")
    if nothing:
        texts.append(f"(a request that does nothing, GET /healthz: p50 {nothing:.3f} ms)")
    spent = [(f"{names[kind]}, {level}", figures["cpuMicroseconds"]) for section, names in LEVELS.items()
             for kind, level, figures in levels(results, section)]
    if at(results, "reads", "http"):
        spent.append(("GET /me/progress, 64", results["reads"]["http"]["cpuMicroseconds"]))
    roles = sorted({role for _, each in spent for role in each})
    if spent:
        texts.append(table(["CPU µs a request", *roles, "all"],
                           [[name, *(each.get(role) for role in roles), sum(each.values())] for name, each in spent]))
    return "\n\n".join(texts)


def allocating_text(results):
    return table(["a request's share of what the gateway allocates", "times", "bytes"],
                 [[name, found["times"], found["bytes"]] for name, found in results["allocating"].items()])


def overload_text(results):
    found = results["overload"]
    rows = [["as many clients as serve it best", found["best"]["rate"], 1.0, found["best"]["p50"], found["best"]["p99"], "–", "–"]]
    for kind, name in (("patient", "too many, who wait as they are told"), ("impatient", "too many, who ask again at once")):
        figures = found[kind]
        rows.append([name, figures["rate"], ratio(figures["rate"], found["best"]["rate"]), figures["p50"], figures["p99"],
                     figures["shed"]["rate"], figures["shed"]["p99"]])
    return table(["overload (ms)", "goodput/s", "/ best", "p50", "p99", "503/s", "p99 of a 503"], rows)


def text(results):
    parts = [machine_text(results["machine"])]
    for key, write in (("commands", commands_text), ("allocating", allocating_text), ("reads", reads_text),
                       ("overload", overload_text),
                       ("cacheable", sockets_report.cacheable_text), ("crowded", sockets_report.crowded_text),
                       ("sockets", sockets_report.text), ("deciding", deciding_text), ("projecting", projecting_text), ("rebuilding", rebuilding_report.text)):
        if key in results:
            parts.append(write(results))
    if "push" in results or "visible" in results:
        parts.insert(2, waiting_text(results))
    parts.append(time_text(results))
    parts.append(table(["target", "reached", "wanted", ""], [list(line) for line in verdicts(results)]))
    parts += [f"! {trouble}" for trouble in results.get("troubles", [])]
    return "\n\n".join(part for part in parts if part)
