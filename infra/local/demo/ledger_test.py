# infra/local/demo/ledger_test.py: our books, by hand-made examples, and that they see each kind of difference.
import datetime
import unittest

from ledger import Ledger, board_differences, format_instant, level_of, parse_instant, runs, week_number

UTC = datetime.timezone.utc


def at(day, hour=12):
    return datetime.datetime(2026, 3, day, hour, tzinfo=UTC)


def reward(xp, total, *achievements):
    return {"xpAwarded": xp, "totalXp": total, "level": level_of(total), "levelUp": False, "streaks": [],
            "achievements": [{"id": achievement} for achievement in achievements]}


def books(*days):
    """A learner who completed a session for 10 XP on each of these days of March 2026, told in this order."""
    ledger = Ledger()
    for number, day in enumerate(days, 1):
        ledger.completed(at(day), at(day).date(), reward(10, 10 * number))
    return ledger


def progress(ledger, **changes):
    """What the API should tell on 3 March 2026."""
    level = level_of(ledger.total)
    streaks = [{"streakType": name, "currentStreak": current, "longestStreak": longest,
                "isActive": ledger.is_active(name, datetime.date(2026, 3, 3))}
               for name, (current, longest) in ledger.streaks().items()]
    return {"totalXp": ledger.total, "level": level, "sessionsCompleted": ledger.sessions,
            "xpIntoLevel": ledger.total - 50 * level * (level - 1), "xpForNextLevel": 100 * level, "streaks": streaks,
            "achievements": [{"id": name} for name in ledger.achievements], **changes}


class Levels(unittest.TestCase):
    def test_thresholds(self):
        self.assertEqual([1, 1, 2, 2, 3, 3, 4], [level_of(xp) for xp in (0, 99, 100, 299, 300, 599, 600)])


class Streaks(unittest.TestCase):
    def test_runs(self):
        self.assertEqual((0, 0), runs([]))
        self.assertEqual((1, 3), runs([1, 2, 3, 3, 9]))
        self.assertEqual((2, 2), runs([8, 9, 1]))

    def test_a_late_day_mends_a_gap(self):
        self.assertEqual((1, 1), books(1, 3).streaks()["daily"])
        self.assertEqual((3, 3), books(1, 3, 2).streaks()["daily"])

    def test_weeks_begin_on_monday_and_do_not_mind_the_year(self):
        self.assertEqual(week_number(datetime.date(2025, 12, 29)), week_number(datetime.date(2026, 1, 4)))
        self.assertEqual(week_number(datetime.date(2026, 1, 4)) + 1, week_number(datetime.date(2026, 1, 5)))

    def test_giving_up_ends_the_run_of_completions_at_its_time(self):
        ledger = books(1, 2)
        ledger.abandoned(at(4), at(4).date())
        self.assertEqual((0, 2), ledger.streaks()["challenge_completion"])
        ledger.completed(at(3), at(3).date(), reward(10, 30))
        self.assertEqual((0, 3), ledger.streaks()["challenge_completion"])
        ledger.completed(at(5), at(5).date(), reward(10, 40))
        self.assertEqual((1, 3), ledger.streaks()["challenge_completion"])

    def test_activity(self):
        ledger = books(1)
        day = datetime.date(2026, 3, 1)  # a Sunday
        self.assertTrue(ledger.is_active("daily", day + datetime.timedelta(days=1)))
        self.assertFalse(ledger.is_active("daily", day + datetime.timedelta(days=2)))
        self.assertTrue(ledger.is_active("weekly", day + datetime.timedelta(days=7)))
        self.assertFalse(ledger.is_active("weekly", day + datetime.timedelta(days=8)))
        self.assertTrue(ledger.is_active("challenge_completion", day + datetime.timedelta(days=99)))


class Differences(unittest.TestCase):
    def differences(self, ledger, **changes):
        return ledger.differences(progress(ledger, **changes), {datetime.date(2026, 3, 3)})

    def test_none(self):
        self.assertEqual([], self.differences(books(1, 2, 3)))

    def test_each_figure_is_compared(self):
        for name in ("totalXp", "level", "xpIntoLevel", "xpForNextLevel", "sessionsCompleted"):
            self.assertEqual(1, len(self.differences(books(1), **{name: 77})), name)

    def test_each_streak_is_compared(self):
        ledger = books(1, 2)
        for number in range(3):
            for name, value in (("currentStreak", 7), ("longestStreak", 7), ("isActive", None)):
                streaks = progress(ledger)["streaks"]
                streaks[number][name] = value
                self.assertEqual(1, len(self.differences(ledger, streaks=streaks)), f"{number} {name}")

    def test_an_achievement_that_is_gone(self):
        ledger = Ledger()
        ledger.completed(at(1), at(1).date(), reward(10, 10, "first_steps"))
        self.assertEqual(1, len(self.differences(ledger, achievements=[])))

    def test_an_answer_that_contradicts_the_ones_before(self):
        ledger = Ledger()
        ledger.completed(at(1), at(1).date(), reward(10, 10))
        ledger.completed(at(2), at(2).date(), reward(10, 30))
        self.assertEqual(1, len(ledger.faults))
        ledger.completed(at(3), at(3).date(), {**reward(10, 40), "level": 9})
        self.assertEqual(2, len(self.differences(ledger)))

    def test_a_reward_that_came_later_is_taken_from_the_history(self):
        ledger = Ledger()
        ledger.completed(at(1), at(1).date(), reward(10, 10))
        ledger.completed(at(2), at(2).date(), None)
        ledger.completed(at(3), at(3).date(), reward(10, 45))
        ledger.add_late_rewards([{"occurredAt": "2026-03-02T12:00:00.000Z", "amount": 20},
                                 {"occurredAt": "2026-03-02T12:00:00.000Z", "amount": 5},
                                 {"occurredAt": "2026-03-01T12:00:00.000Z", "amount": 10}])
        self.assertEqual(45, ledger.total)
        self.assertEqual([], ledger.faults)


class Board(unittest.TestCase):
    def entry(self, rank, user, xp):
        return {"rank": rank, "userId": user, "displayName": user, "xp": xp}

    def test_others_and_ties_are_fine(self):
        items = [self.entry(1, "x", 50), self.entry(2, "a", 40), self.entry(2, "b", 40), self.entry(4, "c", 10)]
        self.assertEqual([], board_differences(items, {"a": 40, "b": 40, "c": 10, "z": 0}))

    def test_each_fault_is_seen(self):
        good = [self.entry(1, "a", 40), self.entry(2, "b", 30)]
        totals = {"a": 40, "b": 30}
        self.assertEqual(1, len(board_differences(good, {"a": 40, "b": 35})))
        self.assertEqual(1, len(board_differences([good[0], self.entry(3, "b", 30)], totals)))
        self.assertEqual(1, len(board_differences(good, {**totals, "c": 35})))
        self.assertLess(0, len(board_differences([self.entry(1, "b", 30), self.entry(1, "a", 40)], totals)))


class Instants(unittest.TestCase):
    def test_there_and_back(self):
        self.assertEqual("2026-03-02T12:00:00.000Z", format_instant(at(2)))
        self.assertEqual(at(2), parse_instant(format_instant(at(2))))


if __name__ == "__main__":
    unittest.main()
