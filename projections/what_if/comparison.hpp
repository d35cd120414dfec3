// projections/what_if/comparison.hpp: what was beside what would have been: totals, levels, who rises and who falls.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "projections/what_if/retelling.hpp"

namespace kiroku::what_if {

struct Totals {
    std::int64_t xp = 0;
    std::int64_t awards = 0;
    std::int64_t milestones = 0;
    std::map<std::string, std::int64_t> achievements{};  ///< how many have it, by its id
    std::map<std::int32_t, std::int64_t> levels{};       ///< how many are on it
};

/// Where a learner stands among all. Ranks are those of the leaderboard for all time: equal XP, equal rank; nobody is
/// listed with 0 XP.
struct Place {
    std::optional<std::int64_t> rank;
    Xp xp;
    Level level;
};

struct Move {
    UserId user;
    std::string name{};  ///< empty where it isn't known
    Place before, after;
    std::int64_t ranks = 0;  ///< up; negative: down. Those not listed stand behind all who are
};

/// Of the learners who did anything, but for those left out.
struct Comparison {
    std::int64_t learners = 0;
    Totals before, after;
    std::int64_t risen = 0, fallen = 0;     ///< by rank
    std::int64_t more_xp = 0, less_xp = 0;  ///< than they have
    std::int64_t higher_level = 0, lower_level = 0;
    std::vector<Move> risers, fallers;  ///< by ranks, then by XP
    std::vector<LeftOut> left_out;

    [[nodiscard]] bool nothing_changes() const;
};

/// With the first `top` risers and fallers.
Comparison compare(std::span<const std::unique_ptr<Retelling>> parts, std::size_t top);

/// Neighbouring levels, and how many learners are on them.
struct LevelRange {
    std::int32_t first = 1, last = 1;
    std::int64_t before = 0, after = 0;
};

/// From the lowest level to the highest that anybody is on, in `most` equal ranges or fewer.
std::vector<LevelRange> level_ranges(const Comparison& comparison, int most);

}  // namespace kiroku::what_if
