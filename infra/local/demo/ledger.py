# infra/local/demo/ledger.py: our own bookkeeping: what the answers said a learner earned, and what the rules say follows.
import dataclasses
import datetime

XP_STEP = 50  # level L begins at 50·L·(L-1) XP


def level_of(total):
    level = 1
    while XP_STEP * (level + 1) * level <= total:
        level += 1
    return level


def level_begins(level):
    return XP_STEP * level * (level - 1)


def runs(numbers):
    """(length of the run that ends at the highest number, length of the longest run) of neighbouring numbers."""
    current = longest = 0
    before = None
    for number in sorted(set(numbers)):
        current = current + 1 if before is not None and number == before + 1 else 1
        longest = max(longest, current)
        before = number
    return current, longest


def week_number(day):
    """Weeks since a Monday long ago: ISO weeks, without the year's turn."""
    return (day.toordinal() - 1) // 7


@dataclasses.dataclass(frozen=True)
class Ending:
    """A session's end: when it happened, on which day for the learner, and how."""

    at: datetime.datetime
    day: datetime.date
    completed: bool


class Ledger:
    """One learner's books. Ends are entered in the order in which they are told, which isn't that of their times."""

    def __init__(self):
        self.endings = []
        self.total = 0
        self.achievements = set()
        self.unrewarded = []  # times of completions whose reward came too late for the answer
        self.faults = []

    def completed(self, at, day, reward):
        """Enters a completion with the reward that its answer told (None: not yet known)."""
        self.endings.append(Ending(at, day, True))
        if reward is None:
            self.unrewarded.append(at)
            return
        self.total += reward["xpAwarded"]
        self.achievements.update(achievement["id"] for achievement in reward["achievements"])
        if not self.unrewarded and reward["totalXp"] != self.total:
            self.faults.append(f"an answer told totalXp {reward['totalXp']}, by its rewards so far it is {self.total}")
            self.total = reward["totalXp"]
        if reward["level"] != level_of(reward["totalXp"]):
            self.faults.append(f"an answer told level {reward['level']} at {reward['totalXp']} XP, it is {level_of(reward['totalXp'])}")

    def abandoned(self, at, day):
        self.endings.append(Ending(at, day, False))

    def add_late_rewards(self, history):
        """Takes from GET /me/xp-history what no answer told; our times are unique, so awards are known by them."""
        for at in self.unrewarded:
            self.total += sum(item["amount"] for item in history if parse_instant(item["occurredAt"]) == at)
        self.unrewarded = []

    @property
    def sessions(self):
        return sum(ending.completed for ending in self.endings)

    def streaks(self):
        """streakType → (current, longest)."""
        days = [ending.day for ending in self.endings if ending.completed]
        current = longest = 0
        for ending in sorted(self.endings, key=lambda ending: ending.at):
            current = current + 1 if ending.completed else 0
            longest = max(longest, current)
        return {
            "daily": runs(day.toordinal() for day in days),
            "weekly": runs(week_number(day) for day in days),
            "challenge_completion": (current, longest),
        }

    def is_active(self, streak_type, today):
        """Whether the latest run can still be extended, for a learner for whom it is that day."""
        days = [ending.day for ending in self.endings if ending.completed]
        if streak_type == "challenge_completion":
            return self.streaks()[streak_type][0] > 0
        if not days:
            return False
        if streak_type == "daily":
            return max(days) >= today - datetime.timedelta(days=1)
        return week_number(max(days)) >= week_number(today) - 1

    def differences(self, progress, days):
        """What GET /me/progress tells otherwise; `days` are the dates that it may be for the learner now."""
        expected = {"totalXp": self.total, "level": level_of(self.total), "sessionsCompleted": self.sessions,
                    "xpIntoLevel": self.total - level_begins(level_of(self.total)),
                    "xpForNextLevel": level_begins(level_of(self.total) + 1) - level_begins(level_of(self.total))}
        found = list(self.faults)
        found += [f"{name} is {progress.get(name)}, by our books {value}"
                  for name, value in expected.items() if progress.get(name) != value]
        told = {streak["streakType"]: streak for streak in progress["streaks"]}
        for streak_type, (current, longest) in self.streaks().items():
            streak = told.get(streak_type, {})
            if (streak.get("currentStreak"), streak.get("longestStreak")) != (current, longest):
                found.append(f"the {streak_type} streak is {streak.get('currentStreak')}, longest "
                             f"{streak.get('longestStreak')}, by our books {current}, longest {longest}")
            active = {self.is_active(streak_type, day) for day in days}
            if streak.get("isActive") not in active:
                found.append(f"the {streak_type} streak's isActive is {streak.get('isActive')}, by our books {active.pop()}")
        unlocked = {achievement["id"] for achievement in progress["achievements"]}
        if missing := self.achievements - unlocked:
            found.append(f"achievements that an answer told are missing: {', '.join(sorted(missing))}")
        return found


def board_differences(items, totals):
    """What a leaderboard's entries tell otherwise than our totals (userId → XP). Others may be on the board too."""
    found = []
    ours = [item for item in items if item["userId"] in totals]
    for item in ours:
        if item["xp"] != totals[item["userId"]]:
            found.append(f"{item['displayName']} has {item['xp']} XP on the board, by our books {totals[item['userId']]}")
    for before, item in zip(items, items[1:]):
        if item["xp"] > before["xp"]:
            found.append(f"{item['displayName']} stands below {before['displayName']} with more XP")
    for place, item in enumerate(items):
        higher = sum(other["xp"] > item["xp"] for other in items[:place])
        if item["rank"] != 1 + higher:
            found.append(f"{item['displayName']} has rank {item['rank']}, {higher} are ahead")
    listed = {item["userId"] for item in ours}
    lowest = items[-1]["xp"] if items else 0
    for user, xp in totals.items():
        if xp > lowest and user not in listed:
            found.append(f"{user} with {xp} XP is not on the board, whose last entry has {lowest}")
    return found


def parse_instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def format_instant(at):
    return at.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
