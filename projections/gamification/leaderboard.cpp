#include "projections/gamification/leaderboard.hpp"

#include <algorithm>

#include "domain/core/local_time.hpp"
#include "projections/engine/declare.hpp"
#include "projections/engine/shown.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::gamification {

using projections::column;
using projections::key;
using projections::Table;

Window window_at(Timeframe timeframe, Instant at) {
    const LocalDate day{std::chrono::floor<std::chrono::days>(at).time_since_epoch()};
    switch (timeframe) {
        case Timeframe::daily: return {timeframe, day};
        case Timeframe::weekly: return {timeframe, monday_of(day)};
        case Timeframe::monthly: {
            const std::chrono::year_month_day date{day};
            return {timeframe, LocalDate{date.year() / date.month() / 1}};
        }
        case Timeframe::all: break;
    }
    return {Timeframe::all, LocalDate{}};
}

std::size_t ScoreFold::Key::hash() const {
    const auto days = static_cast<std::uint64_t>(window.starts.time_since_epoch().count());
    return std::hash<UserId>{}(user) ^
           ((days * 4 + static_cast<std::uint64_t>(window.timeframe)) * 0x9E3779B97F4A7C15ULL);
}

const Table<ScoreRow>& ScoreFold::table() {
    static const Table<Row> table{
        "leaderboard",
        "XP by window of time: a row a learner in each UTC day, ISO week and month with awards, and one for all time.",
        {key("user_id", &Row::user).means("The learner."),  // the first that differs, nearly always
         key("starts", &Row::starts).means("The window's first day, in UTC; 1970-01-01 for all."),
         key("timeframe", &Row::timeframe).means("The window's kind: daily, weekly, monthly or all."),
         column("xp", &Row::xp).means("XP earned in the window, whenever it was recorded."),
         column("reached_at", &Row::reached_at)
             .means("When the latest of it was earned; among equals, earlier leads.")},
        // Restricted, or PostgreSQL might look for single rows by it: a whole window for each, as long as it knows
        // little about the table.
        {"starts, timeframe, xp DESC, reached_at WHERE xp > 0"}};
    return table;
}

ScoreRow ScoreFold::start(const Key& key) {
    return {
        .timeframe = key.window.timeframe, .starts = key.window.starts, .user = key.user, .xp = {}, .reached_at = {}};
}

std::array<ScoreFold::Key, 4> ScoreFold::keys(const XpAwarded& event, const Meta& meta) {
    const UserId user{meta.aggregate};
    const auto in = [&](Timeframe timeframe) { return Key{window_at(timeframe, event.occurred_at), user}; };
    return {in(Timeframe::daily), in(Timeframe::weekly), in(Timeframe::monthly), in(Timeframe::all)};
}

void ScoreFold::fold(Row& row, const XpAwarded& event, const Meta&) {
    row.xp.value += event.amount.value;
    row.reached_at = std::max(row.reached_at, event.occurred_at);
}

const Table<NameRow>& NameFold::table() {
    static const Table<Row> table{
        "leaderboard_names",
        "What learners are called on the leaderboard: a row a user.",
        {key("user_id", &Row::user).means("The user."),
         column("display_name", &Row::display_name).means("What others see, chosen by the user.").personal()}};
    return table;
}

void NameFold::fold(Row& row, const identity::UserRegistered& event, const Meta&) {
    row.display_name = event.display_name;
}

projections::ReadModel leaderboard() {
    return projections::read_model("leaderboard", 1, "where do I stand?",
                                   {projections::folded<ScoreFold>(), projections::folded<NameFold>()});
}

namespace {

enum Part : int { listed, mine, stand, reached };  // of what the query gives, in one snapshot

postgres::Statement board_statement() {
    const auto incomplete = projections::is_parked("leaderboard", "user_id");
    return {
        "leaderboard_in",
        "WITH board AS (SELECT user_id, xp, reached_at FROM leaderboard WHERE timeframe = $1 AND starts = $2 AND xp "
        "> 0), top AS (SELECT * FROM board ORDER BY xp DESC, reached_at, user_id LIMIT $3), "
        "me AS (SELECT * FROM board WHERE user_id = $4) "
        "SELECT 0 AS part, user_id, coalesce(display_name, ''), xp, 0::bigint, reached_at, " +
            incomplete +
            " FROM top LEFT JOIN leaderboard_names USING (user_id) "
            "UNION ALL SELECT 1, user_id, coalesce(display_name, ''), me.xp, "
            "(SELECT count(*) FROM board WHERE board.xp > me.xp), NULL, " +
            incomplete +
            " FROM me LEFT JOIN leaderboard_names USING (user_id) "
            "UNION ALL SELECT 2, NULL, NULL, NULL, NULL, max(last_event_time), NULL FROM checkpoint "
            "WHERE read_model = 'leaderboard' "
            "UNION ALL SELECT 3, NULL, context, next_offset - 1, part, NULL, NULL FROM checkpoint "
            "WHERE read_model = 'leaderboard' AND next_offset > 0 "
            "ORDER BY part, xp DESC, reached_at, user_id"};
}

/// "1224": as many as are ahead, and one.
int rank_after(const std::vector<Ranked>& before, Xp xp) {
    if (!before.empty() && before.back().xp == xp) return before.back().rank;
    return static_cast<int>(before.size()) + 1;
}

}  // namespace

Leaderboard leaderboard_in(postgres::Read& read, const Window& window, int limit, const UserId& me) {
    Leaderboard board;
    static const auto statement = board_statement();
    const auto rows = read.query(statement, window.timeframe, window.starts, limit, me);
    for (const auto& row : rows) {
        const auto part = row.get<int>(0);
        if (part == stand) {
            board.as_of = row.get<std::optional<Instant>>(5);
            continue;
        }
        if (part == reached) {
            board.position.include(row.get<std::string>(2), row.get<int>(4), row.get<Offset>(3));
            continue;
        }
        Ranked one{.user = row.get<UserId>(1),
                   .display_name = row.get<std::string>(2),
                   .xp = row.get<Xp>(3),
                   .incomplete = row.get<bool>(6)};
        one.rank = part == listed ? rank_after(board.items, one.xp) : row.get<int>(4) + 1;
        if (part == mine)
            board.me = std::move(one);
        else
            board.items.push_back(std::move(one));
    }
    return board;
}

}  // namespace kiroku::gamification
