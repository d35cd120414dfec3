# infra/local/demo/screen.py: what the person at the terminal sees: a progress bar meanwhile, a leaderboard at the end.
import collections
import sys
import threading
import time

WIDTH = 30
SHOWN = 15


class Screen:
    """Counts what happens, from many threads; as a context manager it draws a bar (a line every 5 s where no terminal is)."""

    def __init__(self, days):
        self.days = days
        self.numbers = collections.Counter(request=0, retry=0, complete=0, abandon=0)
        self.lived = collections.Counter()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.terminal = sys.stderr.isatty()
        self.learners = 0

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def count(self, what):
        with self.lock:
            self.numbers[what] += 1

    def counts(self):
        with self.lock:
            return dict(self.numbers)

    def day_lived(self, number):
        with self.lock:
            self.lived[number] += 1

    def line(self, began):
        with self.lock:
            learners = max(self.lived.values(), default=1)
            share = sum(self.lived.values()) / (learners * self.days)
            day = max(self.lived, default=0) + 1
            numbers = dict(self.numbers)
        done = round(WIDTH * share)
        return (f"[{'#' * done}{'.' * (WIDTH - done)}] day {day}/{self.days}, {numbers['complete']} completed, "
                f"{numbers['retry']} retries, {time.monotonic() - began:.0f} s")

    def draw(self):
        began = time.monotonic()
        while not self.ended.wait(0.25 if self.terminal else 5.0):
            if self.terminal:
                print(f"\r\033[K{self.line(began)}", end="", file=sys.stderr, flush=True)
            else:
                self.say(self.line(began))
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr)
        self.say(self.line(began))

    def __enter__(self):
        self.drawing = threading.Thread(target=self.draw, daemon=True)
        self.drawing.start()

    def __exit__(self, *_):
        self.ended.set()
        self.drawing.join()


def leaderboard_table(items, ledgers):
    """The first places; of our own learners also their daily streak and sessions."""
    lines = [f"{'rank':>4}  {'learner':<16} {'XP':>7}  {'sessions':>8}  {'daily streak':>12}"]
    for item in items[:SHOWN]:
        ledger = ledgers.get(item["userId"])
        sessions = ledger.sessions if ledger else ""
        streak = "{} (best {})".format(*ledger.streaks()["daily"]) if ledger else ""
        lines.append(f"{item['rank']:>4}  {item['displayName']:<16} {item['xp']:>7}  {sessions:>8}  {streak:>12}")
    if len(items) > SHOWN:
        lines.append(f"      … and {len(items) - SHOWN} more")
    return "\n".join(lines)
