// tests/unit/gamification/rules_test.cpp: which rules are in force, what they pay, and which make no sense.
#include "domain/gamification/rules.hpp"

#include <fstream>
#include <iterator>
#include <set>

#include "tests/unit/gamification/learning.hpp"

namespace kiroku::gamification {
namespace {

using test::at;

RuleBook own_book() {
    std::ifstream file{KIROKU_SOURCE_DIR "/domain/gamification/rules.v1.json"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto book = json::decode<RuleBook>(text);
    REQUIRE_MESSAGE(book.has_value(), book.error().path << " " << book.error().problem);
    return *book;
}

/// The flaw in a book of `rules` alone.
std::string flaw_in_one(Rules rules) { return flaw_in(RuleBook{.versions = {std::move(rules)}}).value_or("none"); }

AchievementRule achievement(std::string id) {
    return {.id = std::move(id),
            .title = "T",
            .description = "D",
            .rarity = Rarity::rare,
            .goal = {.measure = AchievementMeasure::level, .threshold = 2, .challenge_type = {}},
            .xp = Xp{5}};
}

}  // namespace

TEST_SUITE("gamification/rules") {
TEST_CASE("a session pays by type, difficulty and score, halves rounded up") {
    auto rules = unpaid();
    rules.base_xp = {.pomodoro = Xp{25}, .distraction_drill = Xp{20}, .real_life_task = Xp{30}, .custom = Xp{15}};
    const auto pays = [&](ChallengeType type, int difficulty, int score) {
        return session_xp(rules, type, Difficulty{difficulty}, PerformanceScore{score}).value;
    };
    CHECK(pays(ChallengeType::pomodoro, 2, 100) == 25);
    CHECK(pays(ChallengeType::pomodoro, 5, 100) == 40);
    CHECK(pays(ChallengeType::distraction_drill, 1, 100) == 16);
    CHECK(pays(ChallengeType::real_life_task, 3, 100) == 36);
    CHECK(pays(ChallengeType::custom, 2, 100) == 15);
    CHECK(pays(ChallengeType::pomodoro, 2, 50) == 13);  // 12.5
    CHECK(pays(ChallengeType::pomodoro, 2, 49) == 12);  // 12.25
    CHECK(pays(ChallengeType::pomodoro, 2, 2) == 1);    // 0.5
    CHECK(pays(ChallengeType::pomodoro, 2, 1) == 0);    // 0.25
    CHECK(pays(ChallengeType::pomodoro, 5, 0) == 0);
}

TEST_CASE("how much the score weighs is a rule too") {
    auto rules = unpaid();
    rules.base_xp.pomodoro = Xp{100};
    const auto pays = [&](int weight, int score) {
        rules.score_weight_percent = weight;
        return session_xp(rules, ChallengeType::pomodoro, Difficulty{2}, PerformanceScore{score}).value;
    };
    CHECK(pays(0, 0) == 100);
    CHECK(pays(40, 0) == 60);
    CHECK(pays(40, 50) == 80);
    CHECK(pays(100, 50) == 50);
}

TEST_CASE("the largest amounts that a book may have don't overflow") {
    auto rules = unpaid();
    rules.base_xp.pomodoro = max_rule_xp;
    rules.base_percent = 1000;
    rules.percent_per_difficulty = 1000;
    CHECK(session_xp(rules, ChallengeType::pomodoro, Difficulty{5}, PerformanceScore{100}) == Xp{6'000'000});
}

TEST_CASE("the rules in force are the latest that have taken effect") {
    RuleBook book{.versions = {unpaid(), unpaid()}};
    book.versions[0].effective_from = at("2026-01-01T00:00:00Z");
    book.versions[1].effective_from = at("2026-07-01T00:00:00Z");
    book.versions[1].version = RulesVersion{2};
    CHECK(rules_at(book, at("2025-12-31T00:00:00Z")).version == RulesVersion{1});  // before all of them: the first
    CHECK(rules_at(book, at("2026-06-30T23:59:59.999Z")).version == RulesVersion{1});
    CHECK(rules_at(book, at("2026-07-01T00:00:00Z")).version == RulesVersion{2});
    CHECK_FALSE(flaw_in(book).has_value());
}

TEST_CASE("our own book makes sense, with at least ten achievements of all four rarities") {
    const auto book = own_book();
    CHECK(flaw_in(book).value_or("none") == "none");
    const auto& rules = book.versions.back();
    CHECK(rules.achievements.size() >= 12);
    std::set<Rarity> rarities;
    for (const auto& one : rules.achievements) rarities.insert(one.rarity);
    CHECK(rarities.size() == 4);
    std::multiset<StreakType> milestones;
    for (const auto& one : rules.milestones) milestones.insert(one.streak_type);
    for (const auto type : streak_types) CHECK(milestones.count(type) == 8);
}

TEST_CASE("a book without sense is found out") {
    CHECK(flaw_in(RuleBook{}).value_or("none") == "there must be at least one version");

    RuleBook twice{.versions = {unpaid(), unpaid()}};
    CHECK(flaw_in(twice).value_or("none") == "versions must ascend");
    twice.versions[1].version = RulesVersion{2};
    CHECK(flaw_in(twice).value_or("none") == "version 2 must take effect after the one before");

    auto rules = unpaid();
    rules.base_xp.custom = Xp{-1};
    CHECK(flaw_in_one(rules) == "version 1: XP must be 0 to 100000");

    rules = unpaid();
    rules.first_completion_bonus = Xp{max_rule_xp.value + 1};
    CHECK(flaw_in_one(rules) == "version 1: XP must be 0 to 100000");

    rules = unpaid();
    rules.milestones = {
        {StreakType::daily, StreakCount{7}}, {StreakType::weekly, StreakCount{3}}, {StreakType::daily, StreakCount{3}}};
    CHECK(flaw_in_one(rules) == "version 1: daily milestone 3 must be more than the one before, and more than 0");

    rules = unpaid();
    rules.milestones = {{StreakType::weekly, StreakCount{3}, Xp{-5}}};
    CHECK(flaw_in_one(rules) == "version 1: weekly milestone 3 must pay 0 to 100000");

    rules = unpaid();
    rules.achievements = {achievement("first"), achievement("second"), achievement("first")};
    CHECK(flaw_in_one(rules) == "version 1: achievement first appears twice");

    rules.achievements = {achievement("free")};
    rules.achievements[0].goal.threshold = 0;
    CHECK(flaw_in_one(rules) == "version 1: achievement free must have a threshold of at least 1");

    rules.achievements = {achievement("typed")};
    rules.achievements[0].goal.challenge_type = ChallengeType::custom;
    CHECK(flaw_in_one(rules) ==
          "version 1: achievement typed must name a challenge type for sessions_of_type, and only then");

    rules.achievements[0] = achievement("untyped");
    rules.achievements[0].goal.measure = AchievementMeasure::sessions_of_type;
    CHECK(flaw_in_one(rules) ==
          "version 1: achievement untyped must name a challenge type for sessions_of_type, and only then");

    rules.achievements = {achievement("greedy")};
    rules.achievements[0].xp = Xp{max_rule_xp.value + 1};
    CHECK(flaw_in_one(rules) == "version 1: achievement greedy must pay 0 to 100000");
}
}

}  // namespace kiroku::gamification
