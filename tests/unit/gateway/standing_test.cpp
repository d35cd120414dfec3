// tests/unit/gateway/standing_test.cpp: levels, streaks and milestones as the API tells them, at a given moment.
#include "gateway/gamification/standing.hpp"

#include <doctest/doctest.h>

#include "commands/contexts.hpp"

using namespace kiroku;
using namespace kiroku::gamification;
using namespace std::chrono_literals;

namespace {

const RuleBook rules = *commands::read_rule_book({});
const LocalDate friday{std::chrono::year{2026} / 3 / 6};

Instant at(LocalDate day, std::chrono::hours hour) { return Instant{day.time_since_epoch()} + hour; }

ProgressRow row() {
    ProgressRow row{};
    row.total_xp = Xp{340};
    row.daily_streak = row.daily_longest = StreakCount{4};
    row.daily_last = row.weekly_last = friday;
    row.weekly_streak = StreakCount{2};
    row.weekly_longest = StreakCount{5};
    row.timezone = "Asia/Tokyo";
    return row;
}

http::Streak streak(const ProgressRow& row, StreakType type, Instant now) {
    const auto told = gateway::progress_response(row, now, rules);
    REQUIRE(told.streaks.size() == 3);
    return told.streaks[static_cast<std::size_t>(type)];
}

}  // namespace

TEST_SUITE("gateway/standing") {
TEST_CASE("340 XP are 40 into level 3, which spans 300") {
    const auto told = gateway::progress_response(row(), at(friday, 1h), rules);
    CHECK(told.total_xp == Xp{340});
    CHECK(told.level == Level{3});
    CHECK(told.xp_into_level == Xp{40});
    CHECK(told.xp_for_next_level == Xp{300});
}

TEST_CASE("nothing yet is level 1, with three streaks that don't run") {
    const auto told = gateway::progress_response(ProgressFold::start(UserId{}), at(friday, 1h), rules);
    CHECK(told.level == Level{1});
    CHECK(told.xp_into_level == Xp{0});
    CHECK(told.xp_for_next_level == Xp{100});
    REQUIRE(told.streaks.size() == 3);
    for (const auto& one : told.streaks) CHECK_FALSE(one.is_active);
}

TEST_CASE("a daily streak runs until the day after its last is over, in the learner's zone") {
    // Saturday ends in Tokyo at 15:00 UTC.
    CHECK(streak(row(), StreakType::daily, at(friday + std::chrono::days{1}, 14h)).is_active);
    CHECK_FALSE(streak(row(), StreakType::daily, at(friday + std::chrono::days{1}, 15h)).is_active);
    CHECK(streak(row(), StreakType::daily, at(friday + std::chrono::days{9}, 1h)).current_streak == StreakCount{4});
}

TEST_CASE("a weekly streak runs until the week after its last is over") {
    // That week's Sunday, 15 March, ends in Tokyo at 15:00 UTC.
    CHECK(streak(row(), StreakType::weekly, at(friday + std::chrono::days{9}, 14h)).is_active);
    CHECK_FALSE(streak(row(), StreakType::weekly, at(friday + std::chrono::days{9}, 15h)).is_active);
}

TEST_CASE("a completion streak runs until something is given up") {
    auto given = row();
    given.completion_streak = StreakCount{1};
    CHECK(streak(given, StreakType::challenge_completion, at(friday + std::chrono::days{99}, 1h)).is_active);
    given.completion_streak = StreakCount{0};
    CHECK_FALSE(streak(given, StreakType::challenge_completion, at(friday, 1h)).is_active);
}

TEST_CASE(
    "the next milestone is the first beyond the run; of a streak that ended, the first of all; beyond the last, none") {
    CHECK(streak(row(), StreakType::daily, at(friday, 1h)).next_milestone == StreakCount{7});
    CHECK(streak(row(), StreakType::daily, at(friday + std::chrono::days{9}, 1h)).next_milestone == StreakCount{3});
    auto given = row();
    given.daily_streak = StreakCount{100'000};
    CHECK_FALSE(streak(given, StreakType::daily, at(friday, 1h)).next_milestone);
}

TEST_CASE("events that are no such decision make no reward") {
    CHECK_FALSE(gateway::reward_of({}, rules));
    CHECK_FALSE(gateway::reward_of({{"gamification.level_reached.v1", {}, {}, {}, R"({"level":2})"}}, rules));
    CHECK_FALSE(gateway::reward_of({{"identity.session_started.v1", {}, {}, {}, "{}"}}, rules));
}
}
