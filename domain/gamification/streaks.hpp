// domain/gamification/streaks.hpp: how long somebody has kept at it: day by day, week by week, session by session.
//
// A day is a date in the learner's time zone, fixed when the activity is recorded, so neither a change to summer time
// nor a journey moves it later. A day (or week) that becomes known late takes its own place and may mend a gap.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "domain/gamification/runs.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

inline constexpr std::array streak_types{StreakType::daily, StreakType::weekly, StreakType::challenge_completion};

/// What is known of activity, and what the log has told of the streaks that it makes.
struct Streaks {
    ActiveDays days;
    ActiveDays weeks;
    SessionEndings endings;
    /// By type; nothing: never begun. The longest run is never taken back.
    std::array<std::optional<StreakStanding>, streak_types.size()> told;

    const std::optional<StreakStanding>& operator[](StreakType type) const {
        return told[static_cast<std::size_t>(type)];
    }
    std::optional<StreakStanding>& operator[](StreakType type) { return told[static_cast<std::size_t>(type)]; }
    /// The longest run ever; 0 if there was none.
    StreakCount longest(StreakType type) const { return (*this)[type] ? (*this)[type]->longest : StreakCount{0}; }
};

void note(Streaks& streaks, const ActivityRecorded& activity);
void note(Streaks& streaks, const StreakExtended& extended);
void note(Streaks& streaks, const StreakEnded& ended);

/// What is to be told of a streak after `activity`, which `streaks` has noted already: at most an end and what has run
/// since; nothing if it stands as it stood.
std::vector<LearnerEvent> news(const Streaks& streaks, StreakType type, const ActivityRecorded& activity);

}  // namespace kiroku::gamification
