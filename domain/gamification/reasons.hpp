// domain/gamification/reasons.hpp: why XP were awarded: a stable name for programs, a line for people.
#pragma once

#include <string>

#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

/// What an award is for. One source event pays each `rule` once.
struct Reason {
    std::string rule;  ///< `session_completed`, `streak_milestone.daily.7`
    std::string text;  ///< "7 days in a row"
};

Reason for_session(const ActivityRecorded& completed);
Reason for_first_completion();
Reason for_milestone(const StreakMilestone& milestone);
Reason for_achievement(const AchievementRule& achievement);

}  // namespace kiroku::gamification
