#include "infra/replay/event_stats.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kiroku::replay {
namespace {

/// Nothing for a single moment: there is no rate then.
std::string rate_of(const TypeStats& one, const TypeStats& all) {
    if (all.last <= all.first) return "";
    const std::chrono::duration<double> seconds = all.last - all.first;
    return fmt::format("{:.3f}", static_cast<double>(one.count) / seconds.count());
}

std::string line(std::string_view type, const TypeStats& one, const TypeStats& all, int width) {
    return fmt::format("{:<{}} {:>12} {:>12} {:>14}  {:<24}  {:<24}\n", type, width, one.count, rate_of(one, all),
                       one.bytes, one.count > 0 ? to_string(one.first) : "", one.count > 0 ? to_string(one.last) : "");
}

std::string members(const TypeStats& one, const TypeStats& all) {
    const auto rate = rate_of(one, all);
    auto text =
        fmt::format(R"("count":{},"perSecond":{},"bytes":{})", one.count, rate.empty() ? "null" : rate, one.bytes);
    if (one.count > 0) text += fmt::format(R"(,"first":"{}","last":"{}")", to_string(one.first), to_string(one.last));
    return text;
}

}  // namespace

void TypeStats::add(const TypeStats& other) {
    count += other.count;
    bytes += other.bytes;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
}

void EventStats::take(const Event& event) {
    auto found = types_.find(event.envelope.type);
    if (found == types_.end()) found = types_.emplace(event.envelope.type, TypeStats{}).first;
    found->second.add({1, event.text.size(), event.envelope.time, event.envelope.time});
}

void EventStats::add(const EventStats& other) {
    for (const auto& [type, stats] : other.types_) types_[type].add(stats);
}

TypeStats EventStats::all() const {
    TypeStats sum;
    for (const auto& [type, stats] : types_) sum.add(stats);
    return sum;
}

std::string EventStats::as_text() const {
    std::size_t width = 4;
    for (const auto& [type, stats] : types_) width = std::max(width, type.size());
    const int columns = static_cast<int>(width);
    const auto sum = all();
    auto text = fmt::format("{:<{}} {:>12} {:>12} {:>14}  {:<24}  {:<24}\n", "type", columns, "events", "per second",
                            "bytes", "first", "last");
    for (const auto& [type, stats] : types_) text += line(type, stats, sum, columns);
    return text + line("all", sum, sum, columns);
}

std::string EventStats::as_json() const {
    const auto sum = all();
    auto text = fmt::format(R"({{{},"types":[)", members(sum, sum));
    for (bool begun = false; const auto& [type, stats] : types_) {
        text += fmt::format(R"({}{{"type":"{}",{}}})", begun ? "," : "", type, members(stats, sum));
        begun = true;
    }
    return text + "]}";
}

}  // namespace kiroku::replay
