// domain/gamification/streaks.hpp: how long somebody has kept at it: day by day, week by week, session by session.
//
// A day is a date in the learner's time zone, fixed when the activity is recorded, so neither a change to summer time nor a
// journey moves it later. A day (or week) that becomes known late takes its own place and may mend a gap.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "domain/gamification/runs.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

inline constexpr std::array streak_types{StreakType::daily, StreakType::weekly, StreakType::challenge_completion};

/// How a streak stands: its latest run, where that ends, and the longest run ever (which is never taken back).
struct Streak {
    StreakCount count{0};
    StreakCount longest{0};
    LocalDate last_day{};  ///< the latest active day of the run; meaningless while `longest` is 0
    std::string timezone;  ///< in which that day was counted

    bool operator==(const Streak&) const = default;
};

/// What is known of activity, and what the log says of the streaks made of it.
struct Streaks {
    ActiveDays days;
    ActiveDays weeks;
    SessionEndings endings;
    std::array<Streak, streak_types.size()> told;

    const Streak& operator[](StreakType type) const { return told[static_cast<std::size_t>(type)]; }
    Streak& operator[](StreakType type) { return told[static_cast<std::size_t>(type)]; }
};

void note(Streaks& streaks, const ActivityRecorded& activity);
void note(Streaks& streaks, const StreakExtended& extended);
void note(Streaks& streaks, const StreakEnded& ended);

/// What is to be told of a streak after `activity`, which `streaks` has noted already: at most an end and what has run
/// since; nothing if it stands as it stood.
std::vector<LearnerEvent> news(const Streaks& streaks, StreakType type, const ActivityRecorded& activity);

}  // namespace kiroku::gamification
