// domain/gamification/reasons.cpp: the words that a learner reads in the history of their XP.
#include "domain/gamification/reasons.hpp"

#include <initializer_list>
#include <string_view>

namespace kiroku::gamification {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) text += part;
    return text;
}

std::string_view words_for(ChallengeType type) {
    switch (type) {
        case ChallengeType::pomodoro: return "pomodoro";
        case ChallengeType::distraction_drill: return "distraction drill";
        case ChallengeType::real_life_task: return "real-life task";
        case ChallengeType::custom: return "custom challenge";
    }
    return "challenge";
}

std::string_view unit_of(StreakType type) {
    switch (type) {
        case StreakType::daily: return "days";
        case StreakType::weekly: return "weeks";
        case StreakType::challenge_completion: return "completed challenges";
    }
    return "times";
}

}  // namespace

Reason for_session(const ActivityRecorded& completed) {
    const auto difficulty = std::to_string(completed.difficulty.value);
    const auto score = std::to_string(completed.performance_score.value_or(PerformanceScore{0}).value);
    return {.rule = "session_completed",
            .text = joined({"Completed a ", words_for(completed.challenge_type), " of difficulty ", difficulty,
                            " with a score of ", score})};
}

Reason for_first_completion() { return {.rule = "first_completion", .text = "The first completed challenge"}; }

Reason for_milestone(const StreakMilestone& milestone) {
    const auto count = std::to_string(milestone.count.value);
    return {.rule = joined({"streak_milestone.", to_string(milestone.streak_type), ".", count}),
            .text = joined({count, " ", unit_of(milestone.streak_type), " in a row"})};
}

Reason for_achievement(const AchievementRule& achievement) {
    return {.rule = joined({"achievement.", achievement.id}), .text = joined({"Achievement: ", achievement.title})};
}

}  // namespace kiroku::gamification
