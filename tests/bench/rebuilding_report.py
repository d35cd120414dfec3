# tests/bench/rebuilding_report.py: the figures of rebuilding as tables for people.
from tables import at, ratio, table

TARGETS = (
    ("rebuild xp_history: rows / COPY of them with primary key", "historyToCopy", 0.8, False),
    ("rebuild progress: rate / consuming and parsing the same log", "progressToParse", 0.6, False),
    ("rebuild leaderboard: rate / consuming and parsing the same log", "leaderboardToParse", 0.6, False),
    ("rebuild all in one pass: rate / consuming and parsing the same log", "allToParse", 0.2, False),
    ("kiroku events --count: rate / consuming and parsing the same log", "countToParse", 0.7, False),
)


def reached(found):
    """What the targets are about, as far as it was measured."""
    parse = at(found, "limits", "parse")
    rate = lambda name: ratio(at(found, name, "rate"), parse)  # noqa: E731
    return {
        "historyToCopy": ratio(at(found, "xp_history", "rows"), at(found, "copy", "key")),
        "progressToParse": rate("progress"),
        "leaderboardToParse": rate("leaderboard"),
        "allToParse": rate("all"),
        "countToParse": rate("count"),
    }


def seconds_of(one):
    return [one["seconds"], one.get("loading"), one.get("indexing"), one.get("switching"), one["megabytes"]]


def text(results):
    found = results["rebuilding"]
    limits = found["limits"]
    steps = ["seconds", "loading", "indexing", "switching", "MB"]
    nothing = ["–"] * len(steps)
    rows = [["consume only", limits["consume"], ratio(limits["consume"], limits["parse"]), *nothing],
            ["consume and parse", limits["parse"], 1.0, *nothing]]
    for name in ("xp_history", "progress", "leaderboard", "all"):
        one = found[name]
        rows.append([f"kiroku rebuild {name}", one["rate"], ratio(one["rate"], limits["parse"]), *seconds_of(one)])
    for name, words in (("count", "kiroku events --count"), ("verify", "kiroku verify of the three")):
        one = found[name]
        rows.append([words, one["rate"], ratio(one["rate"], limits["parse"]), one["seconds"], "–", "–", "–", one.get("megabytes")])
    for one in sorted(found["growth"], key=lambda one: one["memory"], reverse=True):
        rows.append([f"rebuild all, {one['records']:,} records, --memory {one['memory']}", one["rate"], ratio(one["rate"], limits["parse"]), *seconds_of(one)])
    title = f"rebuilding ({limits['records']:,} records of {limits['meanBytes']} bytes)"
    copy = found["copy"]
    rates = [["COPY without an index", copy["bare"], ratio(copy["bare"], copy["key"])], ["COPY with the primary key", copy["key"], 1.0],
             ["the same in the binary format", copy["binary"], ratio(copy["binary"], copy["key"])],
             ["rebuild xp_history, key and index", found["xp_history"]["rows"], ratio(found["xp_history"]["rows"], copy["key"])]]
    return (table([title, "events/s", "/ parse", *steps], rows) + "\n\n" +
            table([f"{copy['rows']:,} rows of xp_history", "rows/s", "/ COPY with key"], rates))
