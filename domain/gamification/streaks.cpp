// domain/gamification/streaks.cpp: what the runs say, compared with what the log has told.
#include "domain/gamification/streaks.hpp"

#include <algorithm>
#include <chrono>

#include "domain/core/local_time.hpp"

namespace kiroku::gamification {
namespace {

std::int32_t day_number(LocalDate day) { return static_cast<std::int32_t>(day.time_since_epoch().count()); }

/// Weeks since the one of 29 December 1969, a Monday as all of them: no year has a say in it.
std::int32_t week_number(LocalDate day) {
    using Weeks = std::chrono::duration<std::int32_t, std::chrono::weeks::period>;
    return std::chrono::floor<Weeks>(monday_of(day) - monday_of(LocalDate{})).count();
}

/// Whether the run's end has moved on, be it to a run just as long: what the log told of it ended before.
bool has_moved(const Streak& told, StreakType type, LocalDate day) {
    if (told.longest.value == 0) return true;
    switch (type) {
        case StreakType::daily: return day > told.last_day;
        case StreakType::weekly: return monday_of(day) > monday_of(told.last_day);
        case StreakType::challenge_completion: return false;
    }
    return false;
}

StreakCount latest_of(const Streaks& streaks, StreakType type) {
    switch (type) {
        case StreakType::daily: return streaks.days.latest();
        case StreakType::weekly: return streaks.weeks.latest();
        case StreakType::challenge_completion: return streaks.endings.latest();
    }
    return {};
}

/// The longest run that the activity can have made.
StreakCount longest_with(const Streaks& streaks, StreakType type, const ActivityRecorded& activity) {
    switch (type) {
        case StreakType::daily: return streaks.days.longest();
        case StreakType::weekly: return streaks.weeks.longest();
        case StreakType::challenge_completion: return streaks.endings.around(activity.occurred_at);
    }
    return {};
}

StreakExtended extended(StreakType type, const Streak& streak) {
    return {.streak_type = type,
            .count = streak.count,
            .longest = streak.longest,
            .local_date = streak.last_day,
            .timezone = streak.timezone};
}

std::vector<LearnerEvent> news_of_completed(const Streaks& streaks, StreakType type, const ActivityRecorded& activity) {
    const Streak& told = streaks[type];
    Streak now = told;
    now.count = latest_of(streaks, type);
    now.longest = std::max(told.longest, longest_with(streaks, type, activity));
    if (now.count == told.count && now.longest == told.longest && !has_moved(told, type, activity.local_date)) return {};
    if (told.longest.value == 0 || activity.local_date >= told.last_day) {
        now.last_day = activity.local_date;
        now.timezone = activity.timezone;
    }
    return {extended(type, now)};
}

/// A session given up ends the run that it lies in. If we hear of it late, sessions may have been completed since.
std::vector<LearnerEvent> news_of_abandoned(const Streaks& streaks, const ActivityRecorded& activity) {
    constexpr auto type = StreakType::challenge_completion;
    const Streak& told = streaks[type];
    const auto count = streaks.endings.latest();
    if (count == told.count) return {};
    std::vector<LearnerEvent> events{
        StreakEnded{.streak_type = type,
                    .count = StreakCount{told.count.value - count.value},
                    .occurred_at = activity.occurred_at}};
    if (count.value > 0) {
        Streak now = told;
        now.count = count;
        events.push_back(extended(type, now));
    }
    return events;
}

}  // namespace

void note(Streaks& streaks, const ActivityRecorded& activity) {
    switch (activity.kind) {
        case ActivityKind::completed:
            streaks.days.add(day_number(activity.local_date));
            streaks.weeks.add(week_number(activity.local_date));
            streaks.endings.add_completed(activity.occurred_at);
            return;
        case ActivityKind::abandoned: streaks.endings.add_abandoned(activity.occurred_at); return;
    }
}

void note(Streaks& streaks, const StreakExtended& extended) {
    streaks[extended.streak_type] = {.count = extended.count,
                                     .longest = extended.longest,
                                     .last_day = extended.local_date,
                                     .timezone = extended.timezone};
}

void note(Streaks& streaks, const StreakEnded& ended) { streaks[ended.streak_type].count = StreakCount{0}; }

std::vector<LearnerEvent> news(const Streaks& streaks, StreakType type, const ActivityRecorded& activity) {
    switch (activity.kind) {
        case ActivityKind::completed: return news_of_completed(streaks, type, activity);
        case ActivityKind::abandoned:
            if (type == StreakType::challenge_completion) return news_of_abandoned(streaks, activity);
            return {};
    }
    return {};
}

}  // namespace kiroku::gamification
