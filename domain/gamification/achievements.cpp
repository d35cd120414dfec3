// domain/gamification/achievements.cpp: one figure for each measure that a goal may name.
#include "domain/gamification/achievements.hpp"

#include <algorithm>
#include <numeric>

#include "domain/gamification/experience.hpp"
#include "domain/gamification/learner.hpp"

namespace kiroku::gamification {
namespace {

constexpr PerformanceScore perfect_score{100};

std::int64_t completed_of(const Learner& learner, std::optional<ChallengeType> type) {
    return type ? learner.tally.completed_by_type[static_cast<std::size_t>(*type)] : 0;
}

std::int64_t measured(const AchievementGoal& goal, const Learner& learner) {
    using enum AchievementMeasure;
    switch (goal.measure) {
        case sessions_completed: return learner.tally.completed();
        case sessions_of_type: return completed_of(learner, goal.challenge_type);
        case total_xp: return learner.total_xp.value;
        case level: return level_of(learner.total_xp).value;
        case daily_streak: return learner.streaks.longest(StreakType::daily).value;
        case weekly_streak: return learner.streaks.longest(StreakType::weekly).value;
        case completion_streak: return learner.streaks.longest(StreakType::challenge_completion).value;
        case perfect_scores: return learner.tally.perfect;
        case hard_sessions: return learner.tally.hard;
        case challenge_types_tried: return learner.tally.types_tried();
        case focus_seconds: return learner.tally.focus_seconds;
    }
    return 0;
}

}  // namespace

std::int64_t Tally::completed() const {
    return std::accumulate(completed_by_type.begin(), completed_by_type.end(), std::int64_t{0});
}

std::int64_t Tally::types_tried() const {
    return std::ranges::count_if(completed_by_type, [](std::int64_t count) { return count > 0; });
}

void note(Tally& tally, const ActivityRecorded& activity) {
    if (activity.kind != ActivityKind::completed) return;
    ++tally.completed_by_type[static_cast<std::size_t>(activity.challenge_type)];
    if (activity.performance_score == perfect_score) ++tally.perfect;
    if (activity.difficulty >= hard_difficulty) ++tally.hard;
    if (activity.completion_time) tally.focus_seconds += activity.completion_time->value;
}

bool is_reached(const AchievementGoal& goal, const Learner& learner) {
    return measured(goal, learner) >= goal.threshold;
}

}  // namespace kiroku::gamification
