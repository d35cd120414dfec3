#include "projections/gamification/progress.hpp"

#include "projections/engine/declare.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gamification {

using projections::column;
using projections::key;
using projections::Table;

const Table<ProgressRow>& ProgressFold::table() {
    static const Table<Row> table{
        "progress",
        {key("user_id", &Row::user), column("total_xp", &Row::total_xp, "CHECK (total_xp >= 0)"),
         column("level", &Row::level, "CHECK (level >= 1)"), column("daily_streak", &Row::daily_streak),
         column("daily_longest", &Row::daily_longest), column("daily_last", &Row::daily_last),
         column("weekly_streak", &Row::weekly_streak), column("weekly_longest", &Row::weekly_longest),
         column("weekly_last", &Row::weekly_last), column("completion_streak", &Row::completion_streak),
         column("completion_longest", &Row::completion_longest), column("timezone", &Row::timezone),
         column("achievements", &Row::achievements), column("sessions_completed", &Row::sessions_completed),
         column("updated_at", &Row::updated_at)}};
    return table;
}

ProgressRow ProgressFold::start(const UserId& user) {
    ProgressRow row{};
    row.user = user;
    return row;
}

void ProgressFold::fold(Row& row, const ActivityRecorded& event, const Meta& meta) {
    if (event.kind == ActivityKind::completed) ++row.sessions_completed;
    row.timezone = event.timezone;
    row.updated_at = meta.time;
}

void ProgressFold::fold(Row& row, const XpAwarded& event, const Meta& meta) {
    row.total_xp = event.total_xp;
    row.updated_at = meta.time;
}

void ProgressFold::fold(Row& row, const LevelReached& event, const Meta& meta) {
    row.level = event.level;
    row.updated_at = meta.time;
}

void ProgressFold::fold(Row& row, const StreakExtended& event, const Meta& meta) {
    switch (event.streak_type) {
        case StreakType::daily:
            row.daily_streak = event.count;
            row.daily_longest = event.longest;
            row.daily_last = event.local_date;
            break;
        case StreakType::weekly:
            row.weekly_streak = event.count;
            row.weekly_longest = event.longest;
            row.weekly_last = event.local_date;
            break;
        case StreakType::challenge_completion:
            row.completion_streak = event.count;
            row.completion_longest = event.longest;
            break;
    }
    row.updated_at = meta.time;
}

void ProgressFold::fold(Row& row, const StreakEnded& event, const Meta& meta) {
    switch (event.streak_type) {
        case StreakType::daily: row.daily_streak = {}; break;
        case StreakType::weekly: row.weekly_streak = {}; break;
        case StreakType::challenge_completion: row.completion_streak = {}; break;
    }
    row.updated_at = meta.time;
}

void ProgressFold::fold(Row& row, const AchievementUnlocked& event, const Meta& meta) {
    row.achievements.push_back(
        {.id = event.achievement_id, .title = event.title, .rarity = event.rarity, .unlocked_at = meta.time});
    row.updated_at = meta.time;
}

projections::ReadModel progress() {
    return projections::read_model("progress", 1, {projections::folded<ProgressFold>()});
}

std::optional<ProgressRow> progress_of(postgres::Read& read, const UserId& user) {
    auto found = progress_of_all(read, {&user, 1});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<ProgressRow> progress_of_all(postgres::Read& read, std::span<const UserId> users) {
    static const postgres::Statement statement{"progress_of_all",
                                               ProgressFold::table().select("WHERE user_id = ANY($1)")};
    return ProgressFold::table().rows(read.query(statement, postgres::array_of(users)));
}

}  // namespace kiroku::gamification
