#include "projections/gamification/progress.hpp"

#include <algorithm>

#include "projections/engine/declare.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gamification {

using projections::column;
using projections::key;
using projections::Table;

const Table<ProgressRow>& ProgressFold::table() {
    static const Table<Row> table{
        "progress",
        "How far learners are: a row a learner of whom a session counted. A streak's count is the run that ends on its "
        "last day, whether or not that run still lives today.",
        {key("user_id", &Row::user).means("The learner."),
         column("total_xp", &Row::total_xp, "CHECK (total_xp >= 0)").means("All XP ever awarded."),
         column("level", &Row::level, "CHECK (level >= 1)").means("From 1; level L begins at 50·L·(L−1) XP."),
         column("daily_streak", &Row::daily_streak).means("Active days in a row, up to daily_last."),
         column("daily_longest", &Row::daily_longest).means("The most days that were ever in a row."),
         column("daily_last", &Row::daily_last)
             .means("The latest active day, in the zone where the learner was then; null: none so far."),
         column("weekly_streak", &Row::weekly_streak).means("Active ISO weeks in a row, up to weekly_last."),
         column("weekly_longest", &Row::weekly_longest).means("The most weeks that were ever in a row."),
         column("weekly_last", &Row::weekly_last).means("A day in the latest active week; null: none so far."),
         column("completion_streak", &Row::completion_streak).means("Sessions completed in a row, none abandoned."),
         column("completion_longest", &Row::completion_longest).means("The most sessions that were ever so."),
         column("timezone", &Row::timezone).means("Where the latest session was recorded, an IANA name."),
         column("achievements", &Row::achievements)
             .means("In the order unlocked: an array of {id, title, rarity, unlockedAt}."),
         column("sessions_completed", &Row::sessions_completed).means("How many sessions were ever completed."),
         column("updated_at", &Row::updated_at).means("When the latest change was recorded.")}};
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

namespace {

std::vector<UserId> parked_without_row(postgres::Read& read, std::span<const UserId> users,
                                       std::span<const projections::Shown<ProgressRow>> rows) {
    std::vector<Uuid> absent;
    for (const auto& user : users) {
        if (std::ranges::find(rows, user, &ProgressRow::user) == rows.end()) absent.push_back(user.value);
    }
    std::vector<UserId> parked;
    for (const auto& one : projections::parked_among(read, "progress", absent)) parked.emplace_back(one);
    return parked;
}

}  // namespace

projections::ReadModel progress() {
    return projections::read_model("progress", 1, "how far am I?", {projections::folded<ProgressFold>()});
}

std::optional<projections::Shown<ProgressRow>> progress_of(postgres::Read& read, const UserId& user) {
    auto found = progress_of_all(read, {&user, 1});
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<projections::Shown<ProgressRow>> progress_of_all(postgres::Read& read, std::span<const UserId> users) {
    static const postgres::Statement statement{
        "progress_of_all",
        projections::select_shown(ProgressFold::table(), "progress", "user_id", "WHERE user_id = ANY($1)")};
    auto rows = projections::shown_rows(ProgressFold::table(), read.query(statement, postgres::array_of(users)));
    if (rows.size() < users.size()) {
        for (const auto& user : parked_without_row(read, users, rows))
            rows.push_back({ProgressFold::start(user), true});
    }
    return rows;
}

}  // namespace kiroku::gamification
