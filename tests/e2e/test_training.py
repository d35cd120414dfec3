# tests/e2e/test_training.py: the catalogue, sessions from start to reward, progress, history, leaderboard.
import datetime
import json
import pathlib
import uuid

import pytest

from api import UUID, now, ok, parse_time, refused, rfc3339

RULES = json.loads((pathlib.Path(__file__).resolve().parents[2] / "domain/gamification/rules.v1.json").read_text())["versions"][-1]
BASE = {"pomodoro": "pomodoro", "distraction_drill": "distractionDrill", "real_life_task": "realLifeTask", "custom": "custom"}
CUSTOM = {"type": "custom", "title": "Read one chapter", "description": "Without a phone.", "difficulty": 3, "estimatedDuration": 45,
          "instructions": ["Sit down", "Read"], "successCriteria": {"pages": 20, "quiet": True}, "rewards": [{"kind": "tea"}]}
STREAKS = ("daily", "weekly", "challenge_completion")


def session_xp(challenge, score):
    """round(base · (0.6 + 0.2 · difficulty) · score / 100), halves up, in integers."""
    percent = RULES["basePercent"] + RULES["percentPerDifficulty"] * challenge["difficulty"]
    return (RULES["baseXp"][BASE[challenge["type"]]] * percent * score + 5000) // 10000


def threshold(level):
    return 50 * level * (level - 1)


def streak(of, kind):
    [found] = [streak for streak in of if streak["streakType"] == kind]
    return found


def without_position(body):
    return {name: value for name, value in body.items() if name != "position"}


# The catalogue


def test_the_starter_catalogue_has_every_type_but_ones_own(catalogue):
    assert {"pomodoro", "distraction_drill", "real_life_task"} <= set(catalogue)
    for item in (item for items in catalogue.values() for item in items):
        assert UUID.fullmatch(item["id"]) and item["title"] and 1 <= item["difficulty"] <= 5 and item["estimatedDuration"] > 0
        assert isinstance(item["instructions"], list) and isinstance(item["successCriteria"], dict) and isinstance(item["rewards"], list)
        assert item["createdBy"] in ("system", "kiro", "user")


@pytest.mark.parametrize("kind", ["pomodoro", "distraction_drill", "real_life_task", "custom"])
@pytest.mark.parametrize("difficulty", [None, 1, 3])
def test_filters(mika, kind, difficulty):
    everything = mika.challenges()
    wanted = [c for c in everything if c["type"] == kind and difficulty in (None, c["difficulty"])]
    query = {"type": kind} | ({"difficulty": difficulty} if difficulty else {})
    assert mika.challenges(**query) == wanted


def test_pages_join_to_the_whole_list(mika):
    everything, items, cursor = mika.challenges(), [], None
    for _ in range(100):
        page = ok(mika.get("/challenges", params={"limit": 2} | ({"cursor": cursor} if cursor else {})), 200)
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert items == everything and len({item["id"] for item in items}) == len(items)


@pytest.mark.parametrize("query, code", [
    ("type=nap", "invalid_parameter"), ("difficulty=6", "invalid_parameter"), ("difficulty=x", "invalid_parameter"),
    ("limit=0", "invalid_parameter"), ("limit=101", "invalid_parameter"), ("limit=-1", "invalid_parameter"),
    ("limit=999999999999999999999", "invalid_parameter"), ("cursor=nonsense", "invalid_parameter"), ("page=2", "unknown_parameter"),
])
def test_parameters_out_of_range(mika, query, code):
    refused(mika.get("/challenges?" + query), 400, code)


def test_a_challenge_of_ones_own(new_learner, mika):
    answer = mika.post("/challenges", CUSTOM)
    made = ok(answer, 201)
    assert UUID.fullmatch(made["id"]) and made["createdBy"] == "user"
    assert {name: made[name] for name in CUSTOM} == CUSTOM
    listed = ok(mika.get("/challenges?type=custom", made["position"]), 200)["items"]
    assert [without_position(made)] == [item for item in listed if item["id"] == made["id"]]
    reward = mika.practise(made, score=100)["reward"]
    assert reward["xpAwarded"] >= session_xp(CUSTOM, 100)

    yuki = new_learner()
    assert made["id"] not in {item["id"] for item in yuki.challenges()}
    refused(yuki.post(f"/challenges/{made['id']}/sessions"), 404, "challenge_not_found")


@pytest.mark.parametrize("change, where", [
    ({"type": "nap"}, "/type"), ({"difficulty": 0}, "/difficulty"), ({"difficulty": 6}, "/difficulty"), ({"title": ""}, "/title"),
    ({"title": "x" * 201}, "/title"), ({"estimatedDuration": 0}, "/estimatedDuration"), ({"instructions": "run"}, "/instructions"),
    ({"successCriteria": []}, "/successCriteria"), ({"rewards": [1]}, "/rewards/0"), ({"id": str(uuid.uuid4())}, "/id"),
])
def test_a_challenge_that_makes_no_sense(mika, change, where):
    error = refused(mika.post("/challenges", CUSTOM | change), 422, "invalid_request")
    assert error["details"]["path"] == where


# Sessions


def test_from_start_to_reward(mika, pomodoro):
    before = now()
    session = mika.start(pomodoro)
    assert UUID.fullmatch(session["id"]) and session["challengeId"] == pomodoro["id"] and session["userId"] == mika.user_id
    assert session["status"] == "in_progress" and session["distractionEvents"] == []
    assert abs(parse_time(session["startTime"]) - before) < datetime.timedelta(seconds=30)

    at = rfc3339(now())
    progress = {"currentPhase": "focus", "distractionEvents": [{"at": at, "kind": "phone", "note": "it rang"}],
                "sessionData": {"timer": {"left": 1200}}}
    told = ok(mika.post(f"/challenge-sessions/{session['id']}/progress", progress), 200)
    assert told["position"]
    ok(mika.post(f"/challenge-sessions/{session['id']}/progress", {"distractionEvents": [{"at": at, "kind": "cat"}]}), 200)

    done = mika.complete(session, score=80, seconds=1500)
    ended = done["session"]
    assert ended["id"] == session["id"] and ended["status"] == "completed"
    assert ended["performanceScore"] == 80 and ended["completionTime"] == 1500 and ended["currentPhase"] == "focus"
    assert [event["kind"] for event in ended["distractionEvents"]] == ["phone", "cat"]
    assert ended["distractionEvents"][0] == progress["distractionEvents"][0]

    reward = done["reward"]
    first_steps = next(a for a in RULES["achievements"] if a["id"] == "first_steps")
    assert reward["xpAwarded"] == session_xp(pomodoro, 80) + RULES["firstCompletionBonus"] + first_steps["xp"]
    assert reward["totalXp"] == reward["xpAwarded"] and reward["level"] == 1 and reward["levelUp"] is False
    [unlocked] = reward["achievements"]
    assert unlocked["id"] == "first_steps" and unlocked["rarity"] == "common" and unlocked["title"] and parse_time(unlocked["unlockedAt"])
    assert sorted(s["streakType"] for s in reward["streaks"]) == sorted(STREAKS)
    for one in reward["streaks"]:
        assert one == {"currentStreak": 1, "longestStreak": 1, "streakType": one["streakType"], "isActive": True, "nextMilestone": 3}


def test_what_was_written_is_read_everywhere_at_its_position(mika, pomodoro):
    done = mika.practise(pomodoro, score=90)
    position, reward = done["position"], done["reward"]
    progress = mika.progress(position)
    assert set(progress) == {"totalXp", "level", "xpIntoLevel", "xpForNextLevel", "streaks", "achievements", "sessionsCompleted"}
    assert progress["totalXp"] == reward["totalXp"] and progress["level"] == reward["level"] and progress["sessionsCompleted"] == 1
    assert progress["streaks"] == reward["streaks"]
    assert [a["id"] for a in progress["achievements"]] == ["first_steps"]
    awards = mika.history(position)
    assert sum(award["amount"] for award in awards) == reward["totalXp"]
    board = ok(mika.get("/leaderboards/global?timeframe=all", position), 200)
    assert board["me"] == {"rank": board["me"]["rank"], "userId": mika.user_id, "displayName": mika.name, "xp": reward["totalXp"]}


def test_nobody_starts_with_nothing_missing(mika):
    progress = mika.progress()
    assert progress["totalXp"] == 0 and progress["level"] == 1 and progress["sessionsCompleted"] == 0
    assert progress["xpIntoLevel"] == 0 and progress["xpForNextLevel"] == 100 and progress["achievements"] == []
    assert sorted(s["streakType"] for s in progress["streaks"]) == sorted(STREAKS)
    assert all(s["currentStreak"] == 0 and s["longestStreak"] == 0 and s["isActive"] is False for s in progress["streaks"])
    assert mika.history() == []
    for timeframe in ("daily", "weekly", "monthly", "all"):
        assert ok(mika.get(f"/leaderboards/global?timeframe={timeframe}"), 200)["me"] is None


def test_levels_follow_the_curve(mika, catalogue):
    hardest = max((c for items in catalogue.values() for c in items), key=lambda c: session_xp(c, 100))
    total, level = 0, 1
    while level < 4:
        reward = mika.practise(hardest, score=100)["reward"]
        assert reward["xpAwarded"] == reward["totalXp"] - total > 0
        assert reward["levelUp"] == (reward["level"] > level)
        total, level = reward["totalXp"], reward["level"]
        assert threshold(level) <= total < threshold(level + 1)
    progress = mika.progress(mika.practise(hardest, score=0)["position"])
    assert progress["level"] == level
    assert progress["xpIntoLevel"] == progress["totalXp"] - threshold(level) and progress["xpForNextLevel"] == 100 * level


def test_the_history_is_the_ledger(mika, pomodoro):
    for score in (100, 60, 20, 0):
        done = mika.practise(pomodoro, score=score)
    awards = mika.history(done["position"])
    assert len({award["awardId"] for award in awards}) == len(awards)
    assert [a["occurredAt"] for a in awards] == sorted((a["occurredAt"] for a in awards), reverse=True)
    total = 0
    for award in reversed(awards):  # those of one activity share its time, and come in the ledger's order all the same
        assert set(award) >= {"awardId", "amount", "reason", "occurredAt"} and award["reason"]
        total += award["amount"]
        assert award["totalXp"] == total
    assert total == done["reward"]["totalXp"]


def test_a_session_ends_once(mika, pomodoro):
    session = mika.start(pomodoro)
    mika.complete(session)
    path = f"/challenge-sessions/{session['id']}"
    refused(mika.post(path + "/complete", {"performanceScore": 1, "completionTime": 1}), 409, "session_already_completed")
    refused(mika.post(path + "/abandon"), 409, "session_already_completed")
    refused(mika.post(path + "/progress", {"currentPhase": "rest"}), 409, "session_already_completed")

    given_up = mika.start(pomodoro)
    path = f"/challenge-sessions/{given_up['id']}"
    assert ok(mika.post(path + "/abandon"), 200)["status"] == "abandoned"
    refused(mika.post(path + "/complete", {"performanceScore": 1, "completionTime": 1}), 409, "session_abandoned")
    refused(mika.post(path + "/progress", {"currentPhase": "rest"}), 409, "session_abandoned")


def test_giving_up_earns_nothing_and_ends_the_completion_streak(mika, pomodoro):
    for _ in range(2):
        done = mika.practise(pomodoro)
    assert streak(done["reward"]["streaks"], "challenge_completion")["currentStreak"] == 2
    given_up = ok(mika.post(f"/challenge-sessions/{mika.start(pomodoro)['id']}/abandon"), 200)
    progress = mika.progress(given_up["position"])
    completion = streak(progress["streaks"], "challenge_completion")
    assert completion["currentStreak"] == 0 and completion["longestStreak"] == 2 and completion["isActive"] is False
    assert streak(progress["streaks"], "daily")["currentStreak"] == 1
    assert progress["totalXp"] == done["reward"]["totalXp"] and progress["sessionsCompleted"] == 2
    again = mika.practise(pomodoro)["reward"]
    assert streak(again["streaks"], "challenge_completion") == {
        "currentStreak": 1, "longestStreak": 2, "streakType": "challenge_completion", "isActive": True, "nextMilestone": 3}


def test_foreign_sessions_are_not_there(new_learner, mika, pomodoro):
    session, yuki = mika.start(pomodoro), new_learner(name="Yuki")
    path = f"/challenge-sessions/{session['id']}"
    refused(yuki.post(path + "/progress", {"currentPhase": "stolen"}), 404, "session_not_found")
    refused(yuki.post(path + "/complete", {"performanceScore": 100, "completionTime": 1}), 404, "session_not_found")
    refused(yuki.post(path + "/abandon"), 404, "session_not_found")
    unknown = f"/challenge-sessions/{uuid.uuid4()}"
    refused(mika.post(unknown + "/complete", {"performanceScore": 100, "completionTime": 1}), 404, "session_not_found")
    refused(mika.post(f"/challenges/{uuid.uuid4()}/sessions"), 404, "challenge_not_found")
    assert mika.complete(session)["session"]["status"] == "completed"
    assert yuki.progress()["totalXp"] == 0


@pytest.mark.parametrize("body, where", [
    ({"performanceScore": 101, "completionTime": 1}, "/performanceScore"), ({"performanceScore": -1, "completionTime": 1}, "/performanceScore"),
    ({"performanceScore": 50}, "/completionTime"), ({"completionTime": 5}, "/performanceScore"),
    ({"performanceScore": 50, "completionTime": -1}, "/completionTime"), ({"performanceScore": 50.5, "completionTime": 1}, "/performanceScore"),
    ({"performanceScore": "50", "completionTime": 1}, "/performanceScore"), ({"performanceScore": 50, "completionTime": 1, "xp": 9}, "/xp"),
    ({"performanceScore": 50, "completionTime": 1, "occurredAt": "yesterday"}, "/occurredAt"),
])
def test_completions_that_make_no_sense(mika, pomodoro, body, where):
    session = mika.start(pomodoro)
    error = refused(mika.post(f"/challenge-sessions/{session['id']}/complete", body), 422, "invalid_request")
    assert error["details"]["path"] == where


# The leaderboard


def test_the_leaderboard_ranks_by_xp_and_then_by_who_was_first(new_learner, pomodoro):
    first, second, ahead = new_learner(name="First"), new_learner(name="Second"), new_learner(name="Ahead")
    for learner in (first, second):
        learner.practise(pomodoro, score=50)
    ahead.practise(pomodoro, score=50)
    position = ahead.practise(pomodoro, score=100)["position"]
    for timeframe in ("daily", "weekly", "monthly", "all"):
        board = ok(ahead.get(f"/leaderboards/global?timeframe={timeframe}&limit=100", position), 200)
        assert parse_time(board["asOf"])
        items = board["items"]
        assert all(item["xp"] > 0 for item in items)
        assert [item["xp"] for item in items] == sorted((item["xp"] for item in items), reverse=True)
        for place, item in enumerate(items):
            tied = place > 0 and items[place - 1]["xp"] == item["xp"]
            assert item["rank"] == (items[place - 1]["rank"] if tied else place + 1)
        assert board["me"]["userId"] == ahead.user_id
        if len(items) < 100:
            ids = [item["userId"] for item in items]
            assert ids.index(ahead.user_id) < ids.index(first.user_id) < ids.index(second.user_id)
            by_id = {item["userId"]: item for item in items}
            assert by_id[first.user_id]["rank"] == by_id[second.user_id]["rank"]
            assert by_id[first.user_id]["displayName"] == "First"


def test_the_leaderboards_parameters(mika):
    refused(mika.get("/leaderboards/global?timeframe=yearly"), 400, "invalid_parameter")
    refused(mika.get("/leaderboards/global?limit=1000"), 400, "invalid_parameter")
    assert len(ok(mika.get("/leaderboards/global?limit=1"), 200)["items"]) <= 1
