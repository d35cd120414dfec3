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
bool has_moved(const StreakStanding& told, LocalDate day) {
    switch (told.streak_type) {
        case StreakType::daily: return day > told.local_date;
        case StreakType::weekly: return monday_of(day) > monday_of(told.local_date);
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

StreakExtended extended(const StreakStanding& standing) {
    return {.streak_type = standing.streak_type,
            .count = standing.count,
            .longest = standing.longest,
            .local_date = standing.local_date,
            .timezone = standing.timezone};
}

std::vector<LearnerEvent> news_of_completed(const Streaks& streaks, StreakType type, const ActivityRecorded& activity) {
    const auto& told = streaks[type];
    StreakStanding now{.streak_type = type,
                       .count = latest_of(streaks, type),
                       .longest = std::max(streaks.longest(type), longest_with(streaks, type, activity)),
                       .local_date = activity.local_date,
                       .timezone = activity.timezone};
    if (!told) return {extended(now)};
    if (now.count == told->count && now.longest == told->longest && !has_moved(*told, activity.local_date)) return {};
    if (activity.local_date < told->local_date) {
        now.local_date = told->local_date;
        now.timezone = told->timezone;
    }
    return {extended(now)};
}

/// A session given up ends the run that it lies in. If we hear of it late, sessions may have been completed since.
std::vector<LearnerEvent> news_of_abandoned(const Streaks& streaks, const ActivityRecorded& activity) {
    constexpr auto type = StreakType::challenge_completion;
    const auto& told = streaks[type];
    const auto count = streaks.endings.latest();
    if (!told || count == told->count) return {};
    std::vector<LearnerEvent> events{StreakEnded{.streak_type = type,
                                                 .count = StreakCount{told->count.value - count.value},
                                                 .occurred_at = activity.occurred_at}};
    if (count.value > 0) {
        auto now = *told;
        now.count = count;
        events.push_back(extended(now));
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
    streaks[extended.streak_type] = {.streak_type = extended.streak_type,
                                     .count = extended.count,
                                     .longest = extended.longest,
                                     .local_date = extended.local_date,
                                     .timezone = extended.timezone};
}

void note(Streaks& streaks, const StreakEnded& ended) {
    if (auto& streak = streaks[ended.streak_type]) streak->count = StreakCount{0};
}

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
