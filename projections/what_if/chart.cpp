#include "projections/what_if/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "infra/replay/harmless.hpp"
#include "projections/what_if/report.hpp"

namespace kiroku::what_if {
namespace {

constexpr int width = 960, margin = 40;
constexpr int left = 96, right = width - margin;  // of the levels' axis
constexpr int levels_top = 150, levels_height = 280;
constexpr int moves_top = levels_top + levels_height + 130, move_height = 26;
constexpr int names_right = 260, middle = 480, longest_move = 200, figures_right = width - margin;
constexpr int most_ranges = 16, most_moves = 12, ticks = 4;
constexpr std::size_t name_characters = 26;

// Colours stand in each rule: not every viewer of SVG knows variables.
constexpr std::string_view style = R"(
  text { font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-size: 13px; fill: #1c2430; }
  .title { font-size: 22px; font-weight: 600; }
  .heading { font-size: 16px; font-weight: 600; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .figures { font-variant-numeric: tabular-nums; }
  .soft { fill: #5b6675; }
  .line { stroke: #d9dee5; stroke-width: 1; }
  .ground { fill: #ffffff; }
  .was { fill: #9aa7b8; }
  .would { fill: #2f6fde; }
  .rise { fill: #1a8f5c; }
  .fall { fill: #c8562b; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8ecf2; }
    .soft { fill: #a3adbb; }
    .line { stroke: #333c49; }
    .ground { fill: #14181f; }
    .was { fill: #66748a; }
    .would { fill: #6ea0ff; }
    .rise { fill: #45c48a; }
    .fall { fill: #f08a5d; }
  }
)";

/// Control characters can't stand in XML at all.
std::string escaped(std::string_view text) { return replay::escape_markup(replay::harmless(text)); }

/// 1, 2 or 5 times a power of ten, at least so much.
std::int64_t round_step(double least) {
    const auto power = std::pow(10, std::floor(std::log10(std::max(least, 1.0))));
    for (const int times : {1, 2, 5})
        if (times * power >= least) return static_cast<std::int64_t>(times * power);
    return static_cast<std::int64_t>(10 * power);
}

class Drawing {
public:
    std::string take(int height, std::string_view title) && {
        return fmt::format(
            R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img">
<title>{2}</title>
<style>{3}</style>
<rect class="ground" width="{0}" height="{1}"/>
{4}</svg>
)",
            width, height, escaped(title), style, drawn_);
    }

    void text(double x, double y, std::string_view kind, std::string_view words) {
        drawn_ += fmt::format("<text x=\"{:g}\" y=\"{:g}\" class=\"{}\">{}</text>\n", x, y, kind, escaped(words));
    }
    void upwards(double x, double y, std::string_view kind, std::string_view words) {
        drawn_ += fmt::format("<text transform=\"translate({:g} {:g}) rotate(-90)\" class=\"{}\">{}</text>\n", x, y,
                              kind, escaped(words));
    }
    /// `hint`: what it stands for, shown where the pointer rests.
    void bar(double x, double y, double wide, double high, std::string_view kind, std::string_view hint) {
        drawn_ += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"2\" class=\"{}\"><title>{}</title>"
            "</rect>\n",
            x, y, wide, high, kind, escaped(hint));
    }
    void swatch(double x, double y, std::string_view kind) {
        drawn_ +=
            fmt::format("<rect x=\"{:g}\" y=\"{:g}\" width=\"12\" height=\"12\" rx=\"2\" class=\"{}\"/>\n", x, y, kind);
    }
    void line(double x1, double y1, double x2, double y2) {
        drawn_ +=
            fmt::format("<line x1=\"{:g}\" y1=\"{:g}\" x2=\"{:g}\" y2=\"{:g}\" class=\"line\"/>\n", x1, y1, x2, y2);
    }

private:
    std::string drawn_;
};

void draw_legend(Drawing& drawing) {
    drawing.swatch(right - 210, levels_top - 33, "was");
    drawing.text(right - 192, levels_top - 22, "soft", "as it was");
    drawing.swatch(right - 116, levels_top - 33, "would");
    drawing.text(right - 98, levels_top - 22, "soft", "as it would be");
}

/// Lines at round numbers; returns what one learner is high.
double draw_learners_axis(Drawing& drawing, std::int64_t most) {
    const auto step = round_step(static_cast<double>(most) / ticks);
    const auto top = (most + step - 1) / step * step;
    const auto scale = static_cast<double>(levels_height) / static_cast<double>(top);
    for (std::int64_t learners = 0; learners <= top; learners += step) {
        const auto y = levels_top + levels_height - static_cast<double>(learners) * scale;
        drawing.line(left, y, right, y);
        drawing.text(left - 10, y + 4, "soft end figures", grouped(learners));
    }
    drawing.upwards(margin - 8, levels_top + levels_height / 2.0, "soft middle", "learners");
    return scale;
}

void draw_levels(Drawing& drawing, const Comparison& comparison) {
    drawing.text(margin, levels_top - 22, "heading", "Levels");
    draw_legend(drawing);
    const auto ranges = level_ranges(comparison, most_ranges);
    std::int64_t most = 1;
    for (const auto& range : ranges) most = std::max({most, range.before, range.after});
    const auto scale = draw_learners_axis(drawing, most);
    const auto floor = static_cast<double>(levels_top + levels_height);
    const auto slot = static_cast<double>(right - left) / static_cast<double>(std::max<std::size_t>(ranges.size(), 1));
    const auto bar = std::min(slot * 0.38, 42.0);
    for (auto center = left + slot / 2; const auto& range : ranges) {
        const auto draw = [&](double x, std::int64_t learners, std::string_view kind, std::string_view when) {
            const auto high = static_cast<double>(learners) * scale;
            drawing.bar(x, floor - high, bar, high, kind,
                        fmt::format("level {}, {}: {} learners", name_of(range), when, grouped(learners)));
        };
        draw(center - bar - 1, range.before, "was", "as it was");
        draw(center + 1, range.after, "would", "as it would be");
        drawing.text(center, floor + 20, "middle figures", name_of(range));
        center += slot;
    }
    drawing.text((left + right) / 2.0, floor + 46, "soft middle", "level");
}

std::string figures_of(const Move& move) {
    const auto rank = [](const Place& place) { return place.rank ? grouped(*place.rank) : std::string{"–"}; };
    return fmt::format("{} → {}  ·  {} → {} XP", rank(move.before), rank(move.after), grouped(move.before.xp.value),
                       grouped(move.after.xp.value));
}

std::string short_name(const Move& move) {
    const auto name = name_of(move);
    const auto shown = replay::cut(name, name_characters);
    return shown.size() == name.size() ? name : std::string{shown} + "…";
}

std::vector<Move> shown_moves(const Comparison& comparison) {
    std::vector<Move> moves;
    for (const auto* some : {&comparison.risers, &comparison.fallers})
        std::ranges::copy(some->begin(), some->begin() + std::min<std::ptrdiff_t>(std::ssize(*some), most_moves),
                          std::back_inserter(moves));
    std::ranges::sort(moves, std::greater{}, [](const Move& move) { return std::pair{move.ranks, move.user}; });
    return moves;
}

/// Returns where it ends.
int draw_moves(Drawing& drawing, const std::vector<Move>& moves) {
    drawing.text(margin, moves_top - 40, "heading", "Who moves most");
    if (moves.empty()) {
        drawing.text(margin, moves_top - 8, "soft", "Nobody changes rank.");
        return moves_top + margin;
    }
    drawing.text(names_right, moves_top - 12, "soft end", "learner");
    drawing.text(middle, moves_top - 12, "soft middle", "← falls · ranks · rises →");
    drawing.text(figures_right, moves_top - 12, "soft end", "rank · XP");
    std::int64_t most = 1;
    for (const auto& move : moves) most = std::max(most, std::abs(move.ranks));
    int y = moves_top;
    for (const auto& move : moves) {
        const auto wide = static_cast<double>(longest_move) * 0.8 * static_cast<double>(std::abs(move.ranks)) /
                          static_cast<double>(most);
        const bool rises = move.ranks > 0;
        drawing.text(names_right, y + 17, "end", short_name(move));
        drawing.bar(rises ? middle : middle - wide, y + 5, wide, move_height - 10, rises ? "rise" : "fall",
                    fmt::format("{}: {}", name_of(move), figures_of(move)));
        drawing.text(rises ? middle + wide + 6 : middle - wide - 6, y + 17, rises ? "figures" : "end figures",
                     fmt::format("{:+}", move.ranks));
        drawing.text(figures_right, y + 17, "soft end figures", figures_of(move));
        y += move_height;
    }
    drawing.line(middle, moves_top, middle, y);
    return y + margin;
}

}  // namespace

std::string as_svg(const Comparison& comparison, std::string_view subtitle) {
    constexpr std::string_view title = "What if the rules had been others?";
    Drawing drawing;
    drawing.text(margin, 52, "title", title);
    drawing.text(margin, 76, "soft", subtitle);
    drawing.text(margin, 96, "soft",
                 fmt::format("{} learners: {} rise, {} fall. XP in all: {} → {}.", grouped(comparison.learners),
                             grouped(comparison.risen), grouped(comparison.fallen), grouped(comparison.before.xp),
                             grouped(comparison.after.xp)));
    draw_levels(drawing, comparison);
    const auto height = draw_moves(drawing, shown_moves(comparison));
    return std::move(drawing).take(height, title);
}

}  // namespace kiroku::what_if
