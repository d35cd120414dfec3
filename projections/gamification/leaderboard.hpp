// projections/gamification/leaderboard.hpp: "where do I stand?", behind GET /leaderboards/global.
//
// XP counts for the UTC day, ISO week and month in which it was earned (occurredAt), whenever it was recorded. Ranks are
// "1224": equal XP, equal rank; among equals, who had it first is shown first. Nobody is listed with 0 XP.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/read_model.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

enum class Timeframe { daily, weekly, monthly, all };

constexpr std::string_view to_string(Timeframe timeframe) {
    switch (timeframe) {
        case Timeframe::daily: return "daily";
        case Timeframe::weekly: return "weekly";
        case Timeframe::monthly: return "monthly";
        case Timeframe::all: return "all";
    }
    return "";
}

constexpr bool from_string(std::string_view word, Timeframe& timeframe) {
    for (const auto one : {Timeframe::daily, Timeframe::weekly, Timeframe::monthly, Timeframe::all}) {
        if (to_string(one) != word) continue;
        timeframe = one;
        return true;
    }
    return false;
}

/// A day, a Monday's week, a month or all of time, in UTC.
struct Window {
    Timeframe timeframe = Timeframe::all;
    LocalDate starts;  ///< its first day; 1970-01-01 for all of time

    friend auto operator<=>(const Window&, const Window&) = default;
};

/// The window of that kind that `at` lies in.
Window window_at(Timeframe timeframe, Instant at);

struct Ranked {
    int rank = 0;
    UserId user;
    std::string display_name;
    Xp xp;

    bool operator==(const Ranked&) const = default;
};

struct Leaderboard {
    std::vector<Ranked> items;
    std::optional<Ranked> me;       ///< nothing where unranked
    std::optional<Instant> as_of;  ///< when the latest event that is counted was recorded; nothing: none is
};

projections::ReadModel leaderboard();

/// The first `limit` of a window, and where `me` stands in it.
Leaderboard leaderboard_in(postgres::Read& read, const Window& window, int limit, const UserId& me);

}  // namespace kiroku::gamification
