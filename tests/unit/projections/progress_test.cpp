// tests/unit/projections/progress_test.cpp: what a learner's events add up to.
#include "projections/gamification/progress.hpp"

#include "schemas/gamification/codec.hpp"
#include "tests/support/happened.hpp"

using namespace kiroku;
using namespace kiroku::gamification;
using test::at;
using test::date;
using test::happened;
using test::named;
using test::on;

namespace {

const auto mika = named<UserId>("mika");
const auto ayo = named<UserId>("ayo");
constexpr std::string_view noon = "2026-03-06T12:00:00Z";
constexpr std::string_view later = "2026-03-07T12:00:00Z";

ActivityRecorded activity(ActivityKind kind, std::string timezone = "Asia/Tokyo") {
    return {.source_event_id = named<EventId>("source"),
            .kind = kind,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .performance_score = PerformanceScore{90},
            .completion_time = Seconds{1500},
            .occurred_at = at(noon),
            .local_date = date("2026-03-06"),
            .timezone = std::move(timezone)};
}

XpAwarded award(std::int64_t amount, std::int64_t total) {
    return {.award_id = named<AwardId>(std::to_string(total)),
            .source_event_id = named<EventId>("source"),
            .rule = "session_completed",
            .rules_version = RulesVersion{1},
            .amount = Xp{amount},
            .total_xp = Xp{total},
            .reason = "Completed",
            .occurred_at = at(noon)};
}

StreakExtended streak(StreakType type, int count, int longest, std::string_view day) {
    return {.streak_type = type,
            .count = StreakCount{count},
            .longest = StreakCount{longest},
            .local_date = date(day),
            .timezone = "Asia/Tokyo"};
}

ProgressRow begun(const UserId& user, std::string_view updated) {
    ProgressRow row{};
    row.user = user;
    row.updated_at = at(updated);
    return row;
}

}  // namespace

TEST_SUITE("progress") {
TEST_CASE("nothing happened, nobody is there") { happened().then<ProgressFold>({}); }

TEST_CASE("a completed session counts, one given up does not, and the time zone is the latest") {
    auto expected = begun(mika, later);
    expected.sessions_completed = 1;
    expected.timezone = "Europe/Berlin";
    happened(on(mika, noon, activity(ActivityKind::completed)),
             on(mika, later, activity(ActivityKind::abandoned, "Europe/Berlin")))
        .then<ProgressFold>({expected});
}

TEST_CASE("totals and levels are the latest told") {
    auto expected = begun(mika, later);
    expected.total_xp = Xp{310};
    expected.level = Level{3};
    happened(on(mika, noon, award(110, 110)), on(mika, noon, LevelReached{.level = Level{2}}),
             on(mika, later, award(200, 310)), on(mika, later, LevelReached{.level = Level{3}}))
        .then<ProgressFold>({expected});
}

TEST_CASE("each streak keeps its own count, longest and latest day") {
    auto expected = begun(mika, noon);
    expected.daily_streak = StreakCount{3};
    expected.daily_longest = StreakCount{9};
    expected.daily_last = date("2026-03-06");
    expected.weekly_streak = StreakCount{2};
    expected.weekly_longest = StreakCount{2};
    expected.weekly_last = date("2026-03-02");
    expected.completion_streak = StreakCount{7};
    expected.completion_longest = StreakCount{8};
    happened(on(mika, noon, streak(StreakType::daily, 3, 9, "2026-03-06")),
             on(mika, noon, streak(StreakType::weekly, 2, 2, "2026-03-02")),
             on(mika, noon, streak(StreakType::challenge_completion, 7, 8, "2026-03-06")))
        .then<ProgressFold>({expected});
}

TEST_CASE("an ended streak stands at 0 and keeps its longest; what is told after it counts") {
    const auto ended =
        StreakEnded{.streak_type = StreakType::challenge_completion, .count = StreakCount{5}, .occurred_at = at(noon)};
    auto expected = begun(mika, noon);
    expected.completion_longest = StreakCount{5};
    happened(on(mika, noon, streak(StreakType::challenge_completion, 5, 5, "2026-03-06")), on(mika, noon, ended))
        .then<ProgressFold>({expected});

    expected.completion_streak = StreakCount{2};
    happened(on(mika, noon, ended), on(mika, noon, streak(StreakType::challenge_completion, 2, 5, "2026-03-06")))
        .then<ProgressFold>({expected});
}

TEST_CASE("achievements stand in the order in which they were unlocked") {
    auto expected = begun(mika, later);
    expected.achievements = {
        {.id = "first_session", .title = "First \"step\"", .rarity = Rarity::common, .unlocked_at = at(noon)},
        {.id = "week", .title = "A {week}, \\o/", .rarity = Rarity::legendary, .unlocked_at = at(later)}};
    happened(
        on(mika, noon,
           AchievementUnlocked{.achievement_id = "first_session", .rarity = Rarity::common, .title = "First \"step\""}),
        on(mika, later,
           AchievementUnlocked{.achievement_id = "week", .rarity = Rarity::legendary, .title = "A {week}, \\o/"}))
        .then<ProgressFold>({expected});
}

TEST_CASE("learners don't mix") {
    auto first = begun(mika, noon);
    first.total_xp = Xp{10};
    auto second = begun(ayo, later);
    second.total_xp = Xp{20};
    happened(on(mika, noon, award(10, 10)), on(ayo, later, award(20, 20))).then<ProgressFold>({first, second});
}
}
