// tests/unit/gamification/achievements_test.cpp: each measure that a goal may name, just before and just at its
// threshold.
#include "domain/gamification/achievements.hpp"

#include "tests/unit/gamification/learning.hpp"

namespace kiroku::gamification {
namespace {

/// Whether an activity in this story is the first to reach the goal, and which: 1 for the first, 0 for none.
int reached_by(AchievementGoal goal, const std::vector<RecordActivity>& activities) {
    auto rules = unpaid();
    rules.base_xp = {.pomodoro = Xp{60}, .distraction_drill = Xp{60}, .real_life_task = Xp{60}, .custom = Xp{60}};
    rules.achievements = {
        {.id = "it", .title = "It", .description = "It", .rarity = Rarity::common, .goal = goal, .xp = {}}};
    Story story{book_of(rules)};
    for (std::size_t i = 0; i < activities.size(); ++i) {
        if (!only<AchievementUnlocked>(story.after(activities[i])).empty()) return static_cast<int>(i) + 1;
    }
    return 0;
}

AchievementGoal goal(AchievementMeasure measure, std::int64_t threshold, std::optional<ChallengeType> type = {}) {
    return {.measure = measure, .threshold = threshold, .challenge_type = type};
}

RecordActivity on(std::string_view day, ChallengeType type = ChallengeType::pomodoro, int difficulty = 2,
                  int score = 100) {
    auto activity = completing(day, std::string{day} + "T12:00:00Z");
    activity.challenge_type = type;
    activity.difficulty = Difficulty{difficulty};
    activity.performance_score = PerformanceScore{score};
    return activity;
}

const auto given_up = abandoning("given up", "2026-03-03T13:00:00Z");

}  // namespace

TEST_SUITE("gamification/achievements") {
using enum AchievementMeasure;

TEST_CASE("sessions completed, of any type or of one, not those given up") {
    const std::vector<RecordActivity> story{on("2026-03-02"), given_up, on("2026-03-03", ChallengeType::custom),
                                            on("2026-03-04")};
    CHECK(reached_by(goal(sessions_completed, 2), story) == 3);
    CHECK(reached_by(goal(sessions_completed, 4), story) == 0);
    CHECK(reached_by(goal(sessions_of_type, 2, ChallengeType::pomodoro), story) == 4);
    CHECK(reached_by(goal(sessions_of_type, 1, ChallengeType::custom), story) == 3);
    CHECK(reached_by(goal(sessions_of_type, 1, ChallengeType::real_life_task), story) == 0);
}

TEST_CASE("different types tried") {
    const std::vector<RecordActivity> story{on("2026-03-02"), on("2026-03-03"),
                                            on("2026-03-04", ChallengeType::distraction_drill),
                                            on("2026-03-05", ChallengeType::real_life_task)};
    CHECK(reached_by(goal(challenge_types_tried, 2), story) == 3);
    CHECK(reached_by(goal(challenge_types_tried, 3), story) == 4);
    CHECK(reached_by(goal(challenge_types_tried, 4), story) == 0);
}

TEST_CASE("perfect scores and hard sessions") {
    const std::vector<RecordActivity> story{on("2026-03-02", ChallengeType::pomodoro, 3, 99),
                                            on("2026-03-03", ChallengeType::pomodoro, 4, 10),
                                            on("2026-03-04", ChallengeType::pomodoro, 5, 100)};
    CHECK(reached_by(goal(perfect_scores, 1), story) == 3);
    CHECK(reached_by(goal(perfect_scores, 2), story) == 0);
    CHECK(reached_by(goal(hard_sessions, 1), story) == 2);
    CHECK(reached_by(goal(hard_sessions, 2), story) == 3);
}

TEST_CASE("time in focus") {
    const std::vector<RecordActivity> story{on("2026-03-02"), on("2026-03-03")};  // 1500 s each
    CHECK(reached_by(goal(focus_seconds, 1500), story) == 1);
    CHECK(reached_by(goal(focus_seconds, 1501), story) == 2);
    CHECK(reached_by(goal(focus_seconds, 3001), story) == 0);
}

TEST_CASE("streaks: the longest ever, by type") {
    const std::vector<RecordActivity> story{on("2026-03-06"), on("2026-03-07"), on("2026-03-09"), given_up,
                                            on("2026-03-08")};
    CHECK(reached_by(goal(daily_streak, 2), story) == 2);
    CHECK(reached_by(goal(daily_streak, 4), story) == 5);
    CHECK(reached_by(goal(weekly_streak, 2), story) == 3);
    CHECK(reached_by(goal(completion_streak, 3), story) == 3);
}

TEST_CASE("XP and levels, with the XP of the very session") {
    const std::vector<RecordActivity> story{on("2026-03-02"), on("2026-03-03"), on("2026-03-04")};  // 60 XP each
    CHECK(reached_by(goal(total_xp, 60), story) == 1);
    CHECK(reached_by(goal(total_xp, 61), story) == 2);
    CHECK(reached_by(goal(level, 2), story) == 2);
    CHECK(reached_by(goal(level, 3), story) == 0);
}
}

}  // namespace kiroku::gamification
