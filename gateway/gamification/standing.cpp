// gateway/gamification/standing.cpp: how a learner stands, in the words of the API, from a row or from one decision.
#include "gateway/gamification/standing.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "domain/core/local_time.hpp"
#include "domain/gamification/experience.hpp"
#include "domain/gamification/rules.hpp"
#include "domain/gamification/streaks.hpp"
#include "gateway/core/commands.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gateway {
namespace {

using namespace gamification;

/// A day or a week without anything ends a streak, but only once it is over: today can still be saved.
bool is_active(const StreakStanding& streak, Instant now) {
    if (streak.count.value == 0) return false;
    const auto today = local_date(now, streak.timezone);
    switch (streak.streak_type) {
        case StreakType::daily: return !today || streak.local_date >= *today - std::chrono::days{1};
        case StreakType::weekly:
            return !today || monday_of(streak.local_date) >= monday_of(*today) - std::chrono::weeks{1};
        case StreakType::challenge_completion: return true;
    }
    return false;
}

std::optional<StreakCount> next_milestone(StreakType type, StreakCount above, const Rules& rules) {
    std::optional<StreakCount> next;
    for (const auto& milestone : rules.milestones) {
        if (milestone.streak_type != type || milestone.count <= above) continue;
        if (!next || milestone.count < *next) next = milestone.count;
    }
    return next;
}

http::Streak shown(const StreakStanding& streak, Instant now, const Rules& rules) {
    const bool active = is_active(streak, now);
    return {.current_streak = streak.count,
            .longest_streak = streak.longest,
            .streak_type = streak.streak_type,
            .is_active = active,
            .next_milestone = next_milestone(streak.streak_type, active ? streak.count : StreakCount{0}, rules)};
}

/// One for each type, whether it ever began or not.
using Standings = std::array<StreakStanding, streak_types.size()>;

Standings no_standings() {
    Standings standings{};
    for (std::size_t i = 0; i < streak_types.size(); ++i) standings[i].streak_type = streak_types[i];
    return standings;
}

std::vector<http::Streak> shown(const Standings& standings, Instant now, const Rules& rules) {
    std::vector<http::Streak> streaks;
    for (const auto& standing : standings) streaks.push_back(shown(standing, now, rules));
    return streaks;
}

std::optional<std::string> description_of(const std::string& achievement, const Rules& rules) {
    const auto found = std::ranges::find(rules.achievements, achievement, &AchievementRule::id);
    if (found == rules.achievements.end()) return std::nullopt;
    return found->description;
}

/// Reads the events of a decision one after the other.
struct Telling {
    const Rules& rules;
    bool begun = false;
    Instant at{};
    Standings standings = no_standings();
    challenges::http::Reward reward{};

    void hear(const ActivityRecorded& event) {
        begun = true;
        if (!event.before) return;
        reward.total_xp = event.before->total_xp;
        for (const auto& streak : event.before->streaks)
            standings[static_cast<std::size_t>(streak.streak_type)] = streak;
    }
    void hear(const XpAwarded& event) {
        reward.xp_awarded.value += event.amount.value;
        reward.total_xp = event.total_xp;
    }
    void hear(const LevelReached&) { reward.level_up = true; }
    void hear(const StreakExtended& event) {
        standings[static_cast<std::size_t>(event.streak_type)] = {event.streak_type, event.count, event.longest,
                                                                  event.local_date, event.timezone};
    }
    void hear(const StreakEnded& event) {
        standings[static_cast<std::size_t>(event.streak_type)].count = StreakCount{0};
    }
    void hear(const StreakMilestoneReached&) {}
    void hear(const AchievementUnlocked& event) {
        reward.achievements.push_back({.id = event.achievement_id,
                                       .title = event.title,
                                       .description = description_of(event.achievement_id, rules),
                                       .rarity = event.rarity,
                                       .unlocked_at = at});
    }
};

}  // namespace

http::ProgressResponse progress_response(const ProgressRow& row, Instant now, const RuleBook& book) {
    const Rules& rules = rules_at(book, now);
    Standings standings = no_standings();
    standings[0] = {StreakType::daily, row.daily_streak, row.daily_longest, row.daily_last.value_or(LocalDate{}),
                    row.timezone};
    standings[1] = {StreakType::weekly, row.weekly_streak, row.weekly_longest, row.weekly_last.value_or(LocalDate{}),
                    row.timezone};
    standings[2] = {StreakType::challenge_completion, row.completion_streak, row.completion_longest, {}, row.timezone};
    const Level level = level_of(row.total_xp);
    const std::int64_t begins = threshold_of(level).value;
    http::ProgressResponse progress{.total_xp = row.total_xp,
                                    .level = level,
                                    .xp_into_level = Xp{row.total_xp.value - begins},
                                    .xp_for_next_level = Xp{threshold_of(Level{level.value + 1}).value - begins},
                                    .streaks = shown(standings, now, rules),
                                    .achievements = {},
                                    .sessions_completed = row.sessions_completed};
    for (const auto& unlocked : row.achievements) {
        progress.achievements.push_back({.id = unlocked.id,
                                         .title = unlocked.title,
                                         .description = description_of(unlocked.id, rules),
                                         .rarity = unlocked.rarity,
                                         .unlocked_at = unlocked.unlocked_at});
    }
    return progress;
}

std::optional<challenges::http::Reward> reward_of(const std::vector<log::ReplyEvent>& events, const RuleBook& book) {
    if (events.empty()) return std::nullopt;
    const Instant at = events.front().time;
    Telling telling{.rules = rules_at(book, at), .at = at};
    for (const auto& told : events) {
        const auto event = json::decode_variant<LearnerEvent>(told.type, told.data);
        if (!event) return std::nullopt;
        std::visit([&](const auto& one) { telling.hear(one); }, *event);
    }
    if (!telling.begun) return std::nullopt;
    telling.reward.level = level_of(telling.reward.total_xp);
    telling.reward.streaks = shown(telling.standings, at, telling.rules);
    return std::move(telling.reward);
}

}  // namespace kiroku::gateway
