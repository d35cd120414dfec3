// domain/gamification/rules.cpp: choosing, applying and checking rules.
#include "domain/gamification/rules.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

namespace kiroku::gamification {
namespace {

constexpr std::int64_t hundred_percent = 100;

Xp base_of(const Rules& rules, ChallengeType type) {
    switch (type) {
        case ChallengeType::pomodoro: return rules.base_xp.pomodoro;
        case ChallengeType::distraction_drill: return rules.base_xp.distraction_drill;
        case ChallengeType::real_life_task: return rules.base_xp.real_life_task;
        case ChallengeType::custom: return rules.base_xp.custom;
    }
    return Xp{0};
}

bool is_payable(Xp xp) { return xp.value >= 0 && xp <= max_rule_xp; }

std::optional<std::string> flaw_in_amounts(const Rules& rules) {
    const std::array amounts{rules.base_xp.pomodoro, rules.base_xp.distraction_drill, rules.base_xp.real_life_task,
                             rules.base_xp.custom, rules.first_completion_bonus};
    if (!std::ranges::all_of(amounts, is_payable)) return "XP must be 0 to " + std::to_string(max_rule_xp.value);
    return std::nullopt;
}

std::optional<std::string> flaw_in_milestones(const Rules& rules) {
    std::array<StreakCount, 3> last{};
    for (const auto& milestone : rules.milestones) {
        auto& before = last[static_cast<std::size_t>(milestone.streak_type)];
        const auto name =
            std::string{to_string(milestone.streak_type)} + " milestone " + std::to_string(milestone.count.value);
        if (milestone.count <= before) return name + " must be more than the one before, and more than 0";
        if (!is_payable(milestone.xp.value_or(Xp{0})))
            return name + " must pay 0 to " + std::to_string(max_rule_xp.value);
        before = milestone.count;
    }
    return std::nullopt;
}

std::optional<std::string> flaw_in_achievements(const Rules& rules) {
    std::set<std::string> ids;
    for (const auto& achievement : rules.achievements) {
        const auto name = "achievement " + achievement.id;
        const bool counts_a_type = achievement.goal.measure == AchievementMeasure::sessions_of_type;
        if (!ids.insert(achievement.id).second) return name + " appears twice";
        if (achievement.goal.threshold < 1) return name + " must have a threshold of at least 1";
        if (achievement.goal.challenge_type.has_value() != counts_a_type) {
            return name + " must name a challenge type for sessions_of_type, and only then";
        }
        if (!is_payable(achievement.xp.value_or(Xp{0})))
            return name + " must pay 0 to " + std::to_string(max_rule_xp.value);
    }
    return std::nullopt;
}

std::optional<std::string> flaw_in_version(const Rules& rules) {
    for (const auto check : {flaw_in_amounts, flaw_in_milestones, flaw_in_achievements}) {
        if (auto flaw = check(rules)) return "version " + std::to_string(rules.version.value) + ": " + *flaw;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> flaw_in(const RuleBook& book) {
    if (book.versions.empty()) return "there must be at least one version";
    const Rules* before = nullptr;
    for (const auto& rules : book.versions) {
        if (before != nullptr && rules.version <= before->version) return "versions must ascend";
        if (before != nullptr && rules.effective_from <= before->effective_from) {
            return "version " + std::to_string(rules.version.value) + " must take effect after the one before";
        }
        if (auto flaw = flaw_in_version(rules)) return flaw;
        before = &rules;
    }
    return std::nullopt;
}

const Rules& rules_at(const RuleBook& book, Instant now) {
    const auto later = std::ranges::upper_bound(book.versions, now, {}, &Rules::effective_from);
    return later == book.versions.begin() ? book.versions.front() : *std::prev(later);
}

Xp session_xp(const Rules& rules, ChallengeType type, Difficulty difficulty, PerformanceScore score) {
    constexpr std::int64_t whole = hundred_percent * hundred_percent * hundred_percent;
    const std::int64_t for_difficulty =
        rules.base_percent + std::int64_t{rules.percent_per_difficulty} * difficulty.value;
    const std::int64_t weight = rules.score_weight_percent;
    const std::int64_t for_score = (hundred_percent - weight) * hundred_percent + weight * score.value;
    return Xp{(base_of(rules, type).value * for_difficulty * for_score + whole / 2) / whole};
}

}  // namespace kiroku::gamification
