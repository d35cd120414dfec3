#include "projections/what_if/comparison.hpp"

#include <algorithm>
#include <tuple>

#include "domain/gamification/experience.hpp"

namespace kiroku::what_if {
namespace {

using gamification::level_of;

void add(Totals& totals, const Gains& gains) {
    totals.xp += gains.xp.value;
    totals.awards += gains.awards;
    totals.milestones += gains.milestones;
    for (const auto* id : gains.achievements) ++totals.achievements[*id];
    ++totals.levels[level_of(gains.xp).value];
}

/// Gives everybody a rank; returns the one behind them all.
std::int64_t rank(std::vector<Move>& moves, Place Move::*when) {
    std::ranges::sort(moves, std::greater{}, [&](const Move& move) { return (move.*when).xp; });
    std::int64_t behind = 1;
    for (std::size_t at = 0; at < moves.size(); ++at) {
        auto& place = moves[at].*when;
        if (place.xp.value == 0) break;
        behind = static_cast<std::int64_t>(at) + 2;
        const bool is_equal = at > 0 && (moves[at - 1].*when).xp == place.xp;
        place.rank = is_equal ? (moves[at - 1].*when).rank : static_cast<std::int64_t>(at) + 1;
    }
    return behind;
}

std::vector<Move> first(std::vector<Move> moves, std::size_t top, int direction) {
    std::erase_if(moves, [&](const Move& move) { return move.ranks * direction <= 0; });
    const auto order = [&](const Move& move) {
        return std::tuple{-move.ranks * direction, (move.before.xp.value - move.after.xp.value) * direction, move.user};
    };
    top = std::min(top, moves.size());
    std::ranges::partial_sort(moves, moves.begin() + static_cast<std::ptrdiff_t>(top), {}, order);
    moves.resize(top);
    return moves;
}

void count_changes(Comparison& comparison, const std::vector<Move>& moves) {
    for (const auto& move : moves) {
        comparison.risen += move.ranks > 0 ? 1 : 0;
        comparison.fallen += move.ranks < 0 ? 1 : 0;
        comparison.more_xp += move.after.xp > move.before.xp ? 1 : 0;
        comparison.less_xp += move.after.xp < move.before.xp ? 1 : 0;
        comparison.higher_level += move.after.level > move.before.level ? 1 : 0;
        comparison.lower_level += move.after.level < move.before.level ? 1 : 0;
    }
}

bool are_equal(const Totals& one, const Totals& other) {
    const auto all = [](const Totals& totals) {
        return std::tie(totals.xp, totals.awards, totals.milestones, totals.achievements, totals.levels);
    };
    return all(one) == all(other);
}

}  // namespace

bool Comparison::nothing_changes() const { return are_equal(before, after) && risen + fallen + more_xp + less_xp == 0; }

Comparison compare(std::span<const std::unique_ptr<Retelling>> parts, std::size_t top) {
    Comparison comparison;
    std::vector<Move> moves;
    for (const auto& part : parts) {
        std::ranges::copy(part->left_out(), std::back_inserter(comparison.left_out));
        for (const auto& [user, learner] : part->learners()) {
            if (!learner.left_out.empty()) continue;
            add(comparison.before, learner.before);
            add(comparison.after, learner.after);
            const auto place = [](const Gains& gains) { return Place{{}, gains.xp, level_of(gains.xp)}; };
            moves.push_back({.user = user, .before = place(learner.before), .after = place(learner.after)});
        }
    }
    comparison.learners = static_cast<std::int64_t>(moves.size());
    const auto last_before = rank(moves, &Move::before);
    const auto last_after = rank(moves, &Move::after);
    for (auto& move : moves) {
        if (!move.before.rank && !move.after.rank) continue;
        move.ranks = move.before.rank.value_or(last_before) - move.after.rank.value_or(last_after);
    }
    count_changes(comparison, moves);
    comparison.risers = first(moves, top, 1);
    comparison.fallers = first(std::move(moves), top, -1);
    std::ranges::sort(comparison.left_out, {}, [](const LeftOut& one) { return std::tie(one.partition, one.offset); });
    return comparison;
}

std::vector<LevelRange> level_ranges(const Comparison& comparison, int most) {
    const auto& [was, would_be] = std::tie(comparison.before.levels, comparison.after.levels);
    if (was.empty() || would_be.empty()) return {};
    const auto low = std::min(was.begin()->first, would_be.begin()->first);
    const auto high = std::max(was.rbegin()->first, would_be.rbegin()->first);
    const auto width = (high - low) / most + 1;
    std::vector<LevelRange> ranges;
    for (auto level = low; level <= high; level += width)
        ranges.push_back({.first = level, .last = std::min(level + width - 1, high)});
    const auto range_of = [&](std::int32_t level) { return static_cast<std::size_t>((level - low) / width); };
    for (const auto& [level, learners] : was) ranges[range_of(level)].before += learners;
    for (const auto& [level, learners] : would_be) ranges[range_of(level)].after += learners;
    return ranges;
}

}  // namespace kiroku::what_if
