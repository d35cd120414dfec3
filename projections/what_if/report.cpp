#include "projections/what_if/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "infra/replay/harmless.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku::what_if {
namespace {

constexpr int most_ranges = 20;
constexpr std::size_t most_left_out = 10;
constexpr std::size_t name_columns = 24;
constexpr std::size_t id_columns = 36;
constexpr int narrowest_bar = 10;

std::string with_sign(std::int64_t number) { return (number > 0 ? "+" : "") + grouped(number); }

std::string padded(std::string_view text, std::size_t columns) {
    const auto shown = replay::cut(text, columns);
    return std::string{shown} + std::string(columns - replay::characters_in(shown), ' ');
}

std::string rank_text(const Place& place) { return place.rank ? grouped(*place.rank) : "–"; }

class Text {
public:
    Text(const Comparison& comparison, std::size_t width) : comparison_(comparison), width_(width) {}

    std::string all() {
        tell_totals();
        tell_moves();
        tell_levels();
        tell_left_out();
        return std::move(text_);
    }

private:
    void line(std::string_view line) {
        while (line.ends_with(' ')) line.remove_suffix(1);
        text_ += replay::cut(line, width_);
        text_ += '\n';
    }

    void row(std::string_view name, std::int64_t before, std::int64_t after) {
        const auto change = after == before ? "" : with_sign(after - before);
        line(fmt::format("{} {:>15} {:>15} {:>15}", padded(name, name_columns), grouped(before), grouped(after),
                         change));
    }

    void tell_totals() {
        const auto& [was, would_be] = std::tie(comparison_.before, comparison_.after);
        line(fmt::format("{} {:>15} {:>15} {:>15}", padded("", name_columns), "as it was", "as it would be", "change"));
        row("learners", comparison_.learners, comparison_.learners);
        row("XP", was.xp, would_be.xp);
        row("awards", was.awards, would_be.awards);
        row("milestones", was.milestones, would_be.milestones);
        std::set<std::string> ids;
        for (const auto* totals : {&was, &would_be})
            for (const auto& [id, learners] : totals->achievements) ids.insert(id);
        const auto had = [](const Totals& totals, const std::string& id) {
            const auto found = totals.achievements.find(id);
            return found == totals.achievements.end() ? 0 : found->second;
        };
        if (!ids.empty()) line("achievements");
        for (const auto& id : ids) row("  " + replay::harmless(id), had(was, id), had(would_be, id));
    }

    void tell_moves() {
        line("");
        if (comparison_.nothing_changes()) return line("Nothing changes.");
        const auto& all = comparison_;
        line(fmt::format("{} rise, {} fall, {} stay where they are.", grouped(all.risen), grouped(all.fallen),
                         grouped(all.learners - all.risen - all.fallen)));
        line(fmt::format("{} have more XP, {} less; {} a higher level, {} a lower one.", grouped(all.more_xp),
                         grouped(all.less_xp), grouped(all.higher_level), grouped(all.lower_level)));
        tell_moves("rising most", all.risers);
        tell_moves("falling most", all.fallers);
    }

    void tell_moves(std::string_view title, const std::vector<Move>& moves) {
        if (moves.empty()) return;
        const bool all_named = std::ranges::none_of(moves, [](const Move& move) { return move.name.empty(); });
        const auto columns = all_named ? name_columns : id_columns;
        line("");
        line(fmt::format("{} {:>19} {:>23} {:>11}", padded(title, columns), "rank", "XP", "level"));
        for (const auto& move : moves) {
            const auto& [before, after] = std::tie(move.before, move.after);
            line(fmt::format("{} {:>6} → {:>6} {:>+3} {:>10} → {:>10} {:>4} → {:>4}",
                             padded(replay::harmless(name_of(move)), columns), rank_text(before), rank_text(after),
                             move.ranks, grouped(before.xp.value), grouped(after.xp.value), before.level.value,
                             after.level.value));
        }
    }

    void tell_levels() {
        const auto ranges = level_ranges(comparison_, most_ranges);
        if (ranges.empty()) return;
        std::int64_t most = 1;
        for (const auto& range : ranges) most = std::max({most, range.before, range.after});
        const auto room = static_cast<int>(width_) - 40;
        const auto bar = [&](std::int64_t learners) {
            const auto share = static_cast<double>(learners) / static_cast<double>(most);
            const auto cells = static_cast<int>(std::lround(share * std::max(room, narrowest_bar)));
            std::string drawn;
            for (int cell = 0; cell < std::max(cells, learners > 0 ? 1 : 0); ++cell) drawn += "█";
            return fmt::format("{}{}{}", drawn, drawn.empty() ? "" : " ", grouped(learners));
        };
        line("");
        line("level   learners");
        for (const auto& range : ranges) {
            line(fmt::format("{} as it was      {}", padded(name_of(range), 7), bar(range.before)));
            line(fmt::format("{} as it would be {}", padded("", 7), bar(range.after)));
        }
    }

    void tell_left_out() {
        const auto& left_out = comparison_.left_out;
        if (left_out.empty()) return;
        line("");
        line(fmt::format("Left out, for their activities can't be decided again: {}.", grouped(std::ssize(left_out))));
        for (std::size_t number = 0; number < std::min(left_out.size(), most_left_out); ++number) {
            const auto& [learner, partition, offset, reason] = left_out[number];
            line(fmt::format("  learner/{} {}/{}@{}", to_string(learner), partition.context, partition.number,
                             offset.value));
            line("    " + replay::harmless(reason));
        }
        if (left_out.size() > most_left_out) line("  … all with --json");
    }

    const Comparison& comparison_;
    std::size_t width_;
    std::string text_;
};

std::string quoted(std::string_view text) {
    std::string out;
    json::write(out, text);
    return out;
}

std::string list_of(const auto& items, auto&& one) {
    std::string out = "[";
    for (const auto& item : items) out += (out.size() > 1 ? "," : "") + one(item);
    return out + ']';
}

std::string json_of(const Totals& totals) {
    std::string achievements;
    for (const auto& [id, learners] : totals.achievements)
        achievements += fmt::format("{}{}:{}", achievements.empty() ? "" : ",", quoted(id), learners);
    const auto levels = list_of(totals.levels, [](const auto& level) {
        return fmt::format(R"({{"level":{},"learners":{}}})", level.first, level.second);
    });
    return fmt::format(R"({{"xp":{},"awards":{},"milestones":{},"achievements":{{{}}},"levels":{}}})", totals.xp,
                       totals.awards, totals.milestones, achievements, levels);
}

std::string json_of(const Place& place) {
    return fmt::format(R"({{"rank":{},"xp":{},"level":{}}})", place.rank ? std::to_string(*place.rank) : "null",
                       place.xp.value, place.level.value);
}

std::string json_of(const Move& move) {
    const auto name = move.name.empty() ? "null" : quoted(move.name);
    return fmt::format(R"({{"userId":"{}","displayName":{},"ranks":{},"before":{},"after":{}}})", to_string(move.user),
                       name, move.ranks, json_of(move.before), json_of(move.after));
}

std::string json_of(const LeftOut& one) {
    return fmt::format(R"({{"userId":"{}","position":"{}/{}@{}","reason":{}}})", to_string(one.learner),
                       one.partition.context, one.partition.number, one.offset.value, quoted(one.reason));
}

}  // namespace

std::string as_text(const Comparison& comparison, std::size_t width) { return Text{comparison, width}.all(); }

std::string as_json_members(const Comparison& all) {
    const auto moves = [](const std::vector<Move>& some) {
        return list_of(some, [](const Move& move) { return json_of(move); });
    };
    return fmt::format(
        R"("learners":{},"before":{},"after":{},"risen":{},"fallen":{},"moreXp":{},"lessXp":{},"higherLevel":{},)"
        R"("lowerLevel":{},"risers":{},"fallers":{},"leftOut":{})",
        all.learners, json_of(all.before), json_of(all.after), all.risen, all.fallen, all.more_xp, all.less_xp,
        all.higher_level, all.lower_level, moves(all.risers), moves(all.fallers),
        list_of(all.left_out, [](const LeftOut& one) { return json_of(one); }));
}

std::string grouped(std::int64_t number) {
    auto digits = std::to_string(number < 0 ? -number : number);
    for (auto at = std::ssize(digits) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
    return (number < 0 ? "-" : "") + digits;
}

std::string name_of(const LevelRange& range) {
    return range.first == range.last ? std::to_string(range.first) : fmt::format("{}–{}", range.first, range.last);
}

std::string name_of(const Move& move) { return move.name.empty() ? to_string(move.user) : move.name; }

}  // namespace kiroku::what_if
