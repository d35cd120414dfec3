#!/usr/bin/python3
# tests/chaos/main.py: the command line of infra/chaos: which faults, for how long, and what came of it.
"""Exit codes: 0 every promise was kept, 1 one was broken, 2 usage, 3 it could not be run."""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

import report
from collect import collect
from fire import Fire
from matrix import ALL
from system import System

ROOM = 6 << 30  # bytes
WARM_UP = 4.0  # seconds


def arguments():
    parser = argparse.ArgumentParser(
        prog="infra/chaos", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Starts three Kafka brokers, a database and two of every Kiroku process, puts load on them, brings about one fault\n"
                    "after the other, and checks that nothing was lost, doubled or told wrongly. Each fault once takes ten minutes.",
        epilog="examples:\n  infra/chaos                              each fault once\n  infra/chaos --minutes 60 --long          an hour, as "
               "long as the fault matrix wants each\n  infra/chaos --faults F4,F7 --minutes 5   these two in turn\n  infra/chaos --list")
    parser.add_argument("--faults", metavar="F1,F4,…", help="only these; all if none is named")
    parser.add_argument("--minutes", type=float, metavar="N", help="go on with faults in random order for so long")
    parser.add_argument("--long", action="store_true", help="each as long as the fault matrix says, not just until it is met")
    parser.add_argument("--patience", type=float, default=1.0, metavar="N",
                        help="how many times longer than promised recovery may take, where other work runs beside (1)")
    parser.add_argument("--clients", type=int, default=10, metavar="N", help="clients at a time (10)")
    parser.add_argument("--seed", type=int, help="of all that is drawn at random; printed if not given")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="leave logs and evidence there")
    parser.add_argument("--json", action="store_true", help="the report as JSON, on standard output")
    parser.add_argument("--list", action="store_true", help="the faults that there are")
    options = parser.parse_args()
    options.chosen = options.faults.split(",") if options.faults else [name for name, fault in ALL.items() if not fault.asked_for]
    for name in options.chosen:
        if name not in ALL:
            parser.error(f"there is no fault {name}: see --list")
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"{options.keep} isn't empty")
    return options


class Say:
    def __init__(self):
        self.began = time.monotonic()

    def __call__(self, what):
        print(f"{time.monotonic() - self.began:6.1f} s  {what}", file=sys.stderr, flush=True)


def turns(options, seed):
    """The faults' names, in order: each once, or at random until the time is up."""
    if not options.minutes:
        yield from (name for name in options.chosen if not ALL[name].last)
        return
    dice, end = random.Random(seed), time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        yield dice.choice([name for name in options.chosen if not ALL[name].last])


def run(options, seed, folder, say):
    """Returns how many faults there were, and those that can't be brought about here."""
    left_out, count = {}, 0
    with System(folder, say) as system:
        say(f"{options.clients} clients")
        system.start_workload(seed, options.clients)
        fire = Fire(system, seed, options.long, options.patience)
        time.sleep(WARM_UP)
        for name in turns(options, seed):
            if why := fire.missing(name):
                if name not in left_out:
                    say(f"{name}: left out: it {why}")
                left_out[name] = why
                continue
            say(f"{name}: {ALL[name].title}")
            found = fire(name)
            count += 1
            for flaw in found["flaws"] + [f"not met: {what}" for what in found["unmet"]]:
                say(f"{name}: {flaw}")
        say("collecting: log, tables, stores")
        collect(system)
        for name in (name for name in options.chosen if ALL[name].last):
            say(f"{name}: {ALL[name].title}")
            fire(name)
            count += 1
        fire.close()
    return count, left_out


def end_once(*_):
    """What was started is ended, whoever is in a hurry."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(130)


def main():
    options = arguments()
    if options.list:
        for name, fault in ALL.items():
            print(f"{name:<13} {fault.title}")
        return 0
    seed = options.seed if options.seed is not None else random.randrange(1 << 30)
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="kiroku-chaos."))
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < ROOM:
        print(f"infra/chaos: {folder} has less than {ROOM >> 30} GiB free; give another place with --keep", file=sys.stderr)
        return 3
    signal.signal(signal.SIGTERM, end_once)
    say = Say()
    say(f"seed {seed}, traces in {folder}")
    try:
        count, left_out = run(options, seed, folder, say)
    except (OSError, RuntimeError, TimeoutError) as error:
        print(f"infra/chaos: {error}\n  what to do: see the logs in {folder}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    found = report.summary(folder / "evidence")
    found |= {"seed": seed, "leftOut": left_out, "flaws": report.flaws_of(found)}
    print(json.dumps(found, indent=1) if options.json else report.text(found))
    failed, skipped = len({flaw.split(":")[0] for flaw in found["flaws"]}), len(found["unmet"])
    print(f"{count + len(found['violations']) - failed - skipped} passed, {failed} failed, {skipped} skipped"
          f" in {time.monotonic() - say.began:.1f}s", file=sys.stderr)
    if not options.keep and not found["flaws"]:
        shutil.rmtree(folder, ignore_errors=True)
    elif found["flaws"]:
        print(f"traces: {folder}", file=sys.stderr)
    return 1 if found["flaws"] else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
