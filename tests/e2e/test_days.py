# tests/e2e/test_days.py: when something happened: offline activity, the learner's own days, and streaks that mend.
import datetime

import pytest

from api import now, ok, parse_time, refused, rfc3339, timezone_where_it_is_noon

HOUR = datetime.timedelta(hours=1)


def streak(of, kind):
    [found] = [streak for streak in of if streak["streakType"] == kind]
    return found


def daily(done):
    return streak(done["reward"]["streaks"], "daily")


@pytest.fixture
def noon(new_learner):
    """A learner for whom it is about noon, so that hours ago are days ago as one expects."""
    return new_learner(timezone=timezone_where_it_is_noon())


def test_the_same_day_counts_once(noon, pomodoro):
    assert daily(noon.practise(pomodoro))["currentStreak"] == 1
    assert daily(noon.practise(pomodoro))["currentStreak"] == 1


def test_yesterday_and_today_are_two_days(noon, pomodoro):
    assert daily(noon.practise(pomodoro, occurred_at=now() - 24 * HOUR))["currentStreak"] == 1
    assert daily(noon.practise(pomodoro))["currentStreak"] == 2


def test_yesterday_alone_can_still_be_extended(noon, pomodoro):
    done = noon.practise(pomodoro, occurred_at=now() - 24 * HOUR)
    assert daily(done) == {"currentStreak": 1, "longestStreak": 1, "streakType": "daily", "isActive": True, "nextMilestone": 3}


def test_a_day_before_yesterday_is_over(noon, pomodoro):
    done = noon.practise(pomodoro, occurred_at=now() - 47 * HOUR)
    assert daily(done)["currentStreak"] == 1 and daily(done)["isActive"] is False


def test_a_gap_starts_at_one_and_a_late_day_mends_it(noon, pomodoro):
    noon.practise(pomodoro, occurred_at=now() - 47 * HOUR)
    assert daily(noon.practise(pomodoro))["currentStreak"] == 1
    mended = noon.practise(pomodoro, occurred_at=now() - 24 * HOUR)
    assert daily(mended)["currentStreak"] == 3 and daily(mended)["longestStreak"] == 3 and daily(mended)["nextMilestone"] == 7
    progress = noon.progress(mended["position"])
    assert streak(progress["streaks"], "daily") == daily(mended)
    assert "three_in_a_row" in {achievement["id"] for achievement in progress["achievements"]}
    rules = {award["rule"] for award in noon.history(mended["position"])}
    assert any("milestone" in rule for rule in rules), rules


def test_it_is_the_learners_day_that_counts(new_learner, pomodoro):
    """Ten hours apart: one day at noon, two days where midnight lies between."""
    here = timezone_where_it_is_noon()
    offset = int(here.removeprefix("Etc/GMT") or "0")
    midnight = new_learner(timezone=f"Etc/GMT{(offset + 11 + 12) % 24 - 12:+d}".replace("+0", "").replace("-0", ""))
    noon = new_learner(timezone=here)
    for learner, days in ((noon, 1), (midnight, 2)):
        learner.practise(pomodoro, occurred_at=now() - 10 * HOUR)
        assert daily(learner.practise(pomodoro))["currentStreak"] == days, learner.timezone


def test_it_happened_when_it_occurred(noon, pomodoro):
    occurred = now() - 30 * HOUR
    done = noon.practise(pomodoro, occurred_at=occurred)
    assert parse_time(done["session"]["completedAt"]) == parse_time(rfc3339(occurred))
    assert all(award["occurredAt"] == rfc3339(occurred) for award in noon.history(done["position"]))
    board = ok(noon.get("/leaderboards/global?timeframe=daily", done["position"]), 200)
    assert board["me"] is None
    assert ok(noon.get("/leaderboards/global?timeframe=all", done["position"]), 200)["me"]["xp"] == done["reward"]["totalXp"]


def test_it_can_have_been_before_the_session_began(noon, pomodoro):
    session = noon.start(pomodoro)
    assert noon.complete(session, occurred_at=now() - 2 * HOUR)["session"]["status"] == "completed"


def complete(learner, session, occurred_at):
    body = {"performanceScore": 50, "completionTime": 60, "occurredAt": occurred_at}
    return learner.post(f"/challenge-sessions/{session['id']}/complete", body)


def test_the_future_and_long_ago_are_refused(noon, pomodoro, is_ours):
    session = noon.start(pomodoro)
    refused(complete(noon, session, rfc3339(now() + HOUR)), 409, "occurred_in_the_future")
    refused(complete(noon, session, rfc3339(now() - 400 * 24 * HOUR)), 409, "occurred_too_long_ago")
    if is_ours:
        refused(complete(noon, session, rfc3339(now() - 48.1 * HOUR)), 409, "occurred_too_long_ago")
    assert noon.progress()["totalXp"] == 0
    ok(complete(noon, session, rfc3339(now() - 47.9 * HOUR)), 200)


def test_any_offset_is_understood(noon, pomodoro):
    occurred = now() - 3 * HOUR
    elsewhere = occurred.astimezone(datetime.timezone(datetime.timedelta(hours=9))).isoformat(timespec="milliseconds")
    done = ok(complete(noon, noon.start(pomodoro), elsewhere), 200)
    assert done["session"]["completedAt"] == rfc3339(occurred)
