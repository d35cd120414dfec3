// projections/gamification/leaderboard.hpp: "where do I stand?", behind GET /leaderboards/global.
//
// XP counts for the UTC day, ISO week and month in which it was earned (occurredAt), whenever it was recorded. Ranks
// are "1224": equal XP, equal rank; among equals, who had it first is shown first. Nobody is listed with 0 XP.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "schemas/gamification/types.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::gamification {

/// A day, a Monday's week, a month or all of time, in UTC.
struct Window {
    Timeframe timeframe = Timeframe::all;
    LocalDate starts;  ///< its first day; 1970-01-01 for all of time

    friend auto operator<=>(const Window&, const Window&) = default;
};

/// The window of that kind that `at` lies in.
Window window_at(Timeframe timeframe, Instant at);

/// What a learner earned in a window.
struct ScoreRow {
    Timeframe timeframe{};
    LocalDate starts;
    UserId user;
    Xp xp;
    Instant reached_at;  ///< when the latest of it was earned

    bool operator==(const ScoreRow&) const = default;
};

struct ScoreFold {
    using Row = ScoreRow;
    struct Key {
        Window window;
        UserId user;

        friend auto operator<=>(const Key&, const Key&) = default;
        [[nodiscard]] std::size_t hash() const;
    };
    using Meta = projections::Meta;
    using Events = projections::Reads<XpAwarded>;

    static const projections::Table<Row>& table();
    static Row start(const Key& key);
    static Key key_of(const Row& row) { return {{row.timeframe, row.starts}, row.user}; }
    static std::array<Key, 4> keys(const XpAwarded& event, const Meta& meta);
    static void fold(Row& row, const XpAwarded& event, const Meta& meta);
};

/// What a learner is called on the board.
struct NameRow {
    UserId user;
    std::string display_name;

    bool operator==(const NameRow&) const = default;
};

struct NameFold {
    using Row = NameRow;
    using Key = UserId;
    using Meta = projections::Meta;
    using Events = projections::Reads<identity::UserRegistered>;

    static const projections::Table<Row>& table();
    static Row start(const Key& user) { return {.user = user, .display_name = {}}; }
    static Key key_of(const Row& row) { return row.user; }
    static Key keys(const identity::UserRegistered&, const Meta& meta) { return UserId{meta.aggregate}; }
    static void fold(Row& row, const identity::UserRegistered& event, const Meta& meta);
};

struct Ranked {
    int rank = 0;
    UserId user;
    std::string display_name;
    Xp xp;
    bool incomplete = false;  ///< some of it is missing, because the learner is parked (projections/engine/parked.hpp)

    bool operator==(const Ranked&) const = default;
};

struct Leaderboard {
    std::vector<Ranked> items;
    std::optional<Ranked> me;      ///< nothing where unranked
    log::Position position;        ///< all events up to here are counted
    std::optional<Instant> as_of;  ///< when the latest event that is counted was recorded; nothing: none is
};

projections::ReadModel leaderboard();

/// The first `limit` of a window, and where `me` stands in it.
Leaderboard leaderboard_in(postgres::Read& read, const Window& window, int limit, const UserId& me);

}  // namespace kiroku::gamification
