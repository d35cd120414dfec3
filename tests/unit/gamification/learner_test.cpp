// tests/unit/gamification/learner_test.cpp: what an activity earns, in which order it is told, and that it is told
// once.
#include "domain/gamification/learner.hpp"

#include "domain/gamification/experience.hpp"
#include "domain/gamification/policy.hpp"
#include "tests/unit/gamification/learning.hpp"

namespace kiroku::gamification {
namespace {

using test::at;
using test::date;
using test::named;

const auto source = named<EventId>("first");
constexpr auto noon = "2026-03-06T12:00:00Z";

/// 25 XP for a pomodoro of difficulty 2 with full marks, and 75 for the first.
Rules paid() {
    auto rules = unpaid();
    rules.base_xp.pomodoro = Xp{25};
    rules.first_completion_bonus = Xp{75};
    return rules;
}

AchievementRule unlocking(std::string id, AchievementMeasure measure, std::int64_t threshold, std::int64_t xp) {
    return {.id = id,
            .title = "The " + id,
            .description = "D",
            .rarity = Rarity::epic,
            .goal = {.measure = measure, .threshold = threshold, .challenge_type = {}},
            .xp = Xp{xp}};
}

ActivityRecorded recorded(const RecordActivity& activity, std::string_view day, std::optional<Standing> before = {}) {
    return {.source_event_id = activity.source_event_id,
            .kind = activity.kind,
            .challenge_type = activity.challenge_type,
            .difficulty = activity.difficulty,
            .performance_score = activity.performance_score,
            .completion_time = activity.completion_time,
            .occurred_at = activity.occurred_at,
            .local_date = date(day),
            .timezone = activity.timezone,
            .before = std::move(before)};
}

XpAwarded awarded(std::string rule, std::int64_t amount, std::int64_t total, std::string reason) {
    return {.award_id = AwardId{uuid_v5(source.value, rule)},
            .source_event_id = source,
            .rule = rule,
            .rules_version = RulesVersion{1},
            .amount = Xp{amount},
            .total_xp = Xp{total},
            .reason = std::move(reason),
            .occurred_at = at(noon)};
}

XpAwarded for_session(std::int64_t total) {
    return awarded("session_completed", 25, total, "Completed a pomodoro of difficulty 2 with a score of 100");
}

StreakExtended streak(StreakType type, int count, std::string_view day = "2026-03-06") {
    return {.streak_type = type,
            .count = StreakCount{count},
            .longest = StreakCount{count},
            .local_date = date(day),
            .timezone = "UTC"};
}

std::vector<std::int64_t> amounts(const std::vector<LearnerEvent>& events) {
    std::vector<std::int64_t> amounts;
    for (const auto& award : only<XpAwarded>(events)) amounts.push_back(award.amount.value);
    return amounts;
}

}  // namespace

TEST_SUITE("gamification/learner") {
TEST_CASE("a first completed session earns its XP, the first-completion bonus, three streaks and a level") {
    const auto activity = completing("first", noon);
    given({})
        .when(activity, told_under(book_of(paid())))
        .then(recorded(activity, "2026-03-06"), for_session(25),
              awarded("first_completion", 75, 100, "The first completed challenge"), streak(StreakType::daily, 1),
              streak(StreakType::weekly, 1), streak(StreakType::challenge_completion, 1), LevelReached{Level{2}});
}

TEST_CASE("an activity is told once, however often we hear of it") {
    const auto context = told_under(book_of(paid()));
    auto retold = completing("first", "2026-03-09T12:00:00Z", "Asia/Tokyo");
    given({})
        .when(completing("first", noon), context)
        .then_all(given({}).when(completing("first", noon), context).events())
        .when(retold, context)
        .then_nothing();
}

TEST_CASE("a time zone that there isn't, and a completion without a score, are refused") {
    const auto context = told_under(book_of(paid()));
    given({}).when(completing("first", noon, "Middle-earth/Bree"), context).then_refused(Refusal::unknown_timezone);
    auto unscored = completing("first", noon);
    unscored.performance_score.reset();
    given({}).when(unscored, context).then_refused(Refusal::score_missing);
}

TEST_CASE("the second session of a day earns XP, and its decision tells where it began") {
    Story mika{book_of(paid())};
    mika.after(completing("earlier", "2026-03-06T09:00:00Z"));
    const auto second = completing("first", noon);
    const Standing before{
        .total_xp = Xp{100},
        .streaks = {{StreakType::daily, StreakCount{1}, StreakCount{1}, date("2026-03-06"), "UTC"},
                    {StreakType::weekly, StreakCount{1}, StreakCount{1}, date("2026-03-06"), "UTC"},
                    {StreakType::challenge_completion, StreakCount{1}, StreakCount{1}, date("2026-03-06"), "UTC"}}};
    CHECK(mika.after(second) == std::vector<LearnerEvent>{recorded(second, "2026-03-06", before), for_session(125),
                                                          streak(StreakType::challenge_completion, 2)});
}

TEST_CASE("a session given up earns nothing and ends the completion streak alone") {
    Story mika{book_of(paid())};
    mika.after(completing("first", noon));
    const auto events = mika.after(abandoning("second", "2026-03-06T13:00:00Z"));
    REQUIRE(events.size() == 2);
    CHECK(std::get<ActivityRecorded>(events[0]).kind == ActivityKind::abandoned);
    CHECK(events[1] ==
          LearnerEvent{StreakEnded{StreakType::challenge_completion, StreakCount{1}, at("2026-03-06T13:00:00Z")}});
    CHECK(mika.after(abandoning("third", "2026-03-06T14:00:00Z")).size() == 1);  // nothing left to end
}

TEST_CASE("a first session given up is told, and nothing else") {
    const auto activity = abandoning("first", noon);
    given({}).when(activity, told_under(book_of(paid()))).then(recorded(activity, "2026-03-06"));
}

TEST_CASE("the first-completion bonus is for the first completed session, not for the first one") {
    Story mika{book_of(paid())};
    mika.after(abandoning("given up", noon));
    CHECK(amounts(mika.after(completing("one", noon))) == std::vector<std::int64_t>{25, 75});
    CHECK(amounts(mika.after(completing("two", noon))) == std::vector<std::int64_t>{25});
}

TEST_CASE("no XP, no award") {
    auto nothing_right = completing("first", noon);
    nothing_right.performance_score = PerformanceScore{0};
    auto rules = paid();
    rules.first_completion_bonus = Xp{0};
    const auto events = given({}).when(nothing_right, told_under(book_of(rules))).events();
    CHECK(only<XpAwarded>(events).empty());
    CHECK(only<StreakExtended>(events).size() == 3);
}

TEST_CASE("the rules of the day of the decision apply, whenever it happened") {
    RuleBook book{.versions = {paid(), paid()}};
    book.versions[1].version = RulesVersion{2};
    book.versions[1].effective_from = at("2026-03-07T00:00:00Z");
    book.versions[1].base_xp.pomodoro = Xp{1000};
    const auto before =
        given({}).when(completing("first", noon), told_under(book, at("2026-03-06T23:59:59.999Z"))).events();
    const auto after = given({}).when(completing("first", noon), told_under(book, at("2026-03-07T00:00:00Z"))).events();
    CHECK(amounts(before) == std::vector<std::int64_t>{25, 75});
    CHECK(amounts(after) == std::vector<std::int64_t>{1000, 75});
    CHECK(only<XpAwarded>(after)[0].rules_version == RulesVersion{2});
}

TEST_CASE("each level passed is told, in order and at the end") {
    auto rules = paid();
    rules.base_xp.pomodoro = Xp{600};
    const auto events = given({}).when(completing("first", noon), told_under(book_of(rules))).events();
    CHECK(only<LevelReached>(events) == std::vector<LevelReached>{{Level{2}}, {Level{3}}, {Level{4}}});
    CHECK(events.back() == LearnerEvent{LevelReached{Level{4}}});
}

TEST_CASE("an achievement is unlocked once, pays, and what it pays may unlock the next, whichever stands first") {
    auto rules = paid();
    rules.achievements = {unlocking("climber", AchievementMeasure::level, 3, 0),
                          unlocking("starter", AchievementMeasure::sessions_completed, 1, 200)};
    Story mika{book_of(rules)};
    const auto events = mika.after(completing("first", noon));
    const std::vector<LearnerEvent> tail{events.end() - 5, events.end()};
    CHECK(tail == std::vector<LearnerEvent>{AchievementUnlocked{"starter", Rarity::epic, "The starter"},
                                            awarded("achievement.starter", 200, 300, "Achievement: The starter"),
                                            AchievementUnlocked{"climber", Rarity::epic, "The climber"},
                                            LevelReached{Level{2}}, LevelReached{Level{3}}});
    CHECK(only<AchievementUnlocked>(mika.after(completing("second", noon))).empty());
}

TEST_CASE("an achievement that new rules bring is unlocked by the next activity") {
    RuleBook book{.versions = {paid(), paid()}};
    book.versions[1].version = RulesVersion{2};
    book.versions[1].effective_from = at("2026-07-01T00:00:00Z");
    book.versions[1].achievements = {unlocking("starter", AchievementMeasure::sessions_completed, 1, 5)};
    const auto june = told_under(book, at("2026-06-30T00:00:00Z"));
    const auto july = told_under(book, at("2026-07-01T00:00:00Z"));
    const auto history = given({}).when(completing("first", noon), june).events();
    CHECK(only<AchievementUnlocked>(history).empty());
    CHECK(only<AchievementUnlocked>(given(history).when(completing("second", noon), july).events()).size() == 1);
}

TEST_CASE("giving up unlocks nothing, be it reached by new rules") {
    auto rules = paid();
    const auto history = given({}).when(completing("first", noon), told_under(book_of(rules))).events();
    rules.achievements = {unlocking("starter", AchievementMeasure::sessions_completed, 1, 5)};
    const auto events = given(history).when(abandoning("second", noon), told_under(book_of(rules))).events();
    CHECK(only<AchievementUnlocked>(events).empty());
    CHECK(only<XpAwarded>(events).empty());
}

TEST_CASE("nobody gets beyond the greatest total") {
    const auto almost = awarded("gift", 1, max_total_xp.value - 10, "for the test");
    const auto history = std::vector<LearnerEvent>{almost};
    const auto events = given(history).when(completing("first", noon), told_under(book_of(paid()))).events();
    CHECK(amounts(events) == std::vector<std::int64_t>{10});
    CHECK(only<XpAwarded>(events)[0].total_xp == max_total_xp);
}

TEST_CASE("whenever a session ends, it counts for its learner") {
    const auto mika = named<UserId>("mika");
    const challenges::SessionCompleted completed{.user_id = mika,
                                                 .challenge_id = named<ChallengeId>("One Tomato"),
                                                 .challenge_type = ChallengeType::pomodoro,
                                                 .difficulty = Difficulty{2},
                                                 .performance_score = PerformanceScore{100},
                                                 .completion_time = Seconds{1500},
                                                 .occurred_at = at(noon),
                                                 .timezone = "Asia/Tokyo"};
    CHECK(whenever(completed, source) ==
          Outgoing<LearnerCommand>{.aggregate = mika.value, .command = completing("first", noon, "Asia/Tokyo")});
    const challenges::SessionAbandoned abandoned{.user_id = mika,
                                                 .challenge_id = named<ChallengeId>("One Tomato"),
                                                 .challenge_type = ChallengeType::pomodoro,
                                                 .difficulty = Difficulty{2},
                                                 .occurred_at = at(noon),
                                                 .timezone = "Asia/Tokyo"};
    CHECK(whenever(abandoned, source) ==
          Outgoing<LearnerCommand>{.aggregate = mika.value, .command = abandoning("first", noon, "Asia/Tokyo")});
}
}

}  // namespace kiroku::gamification
