#include "infra/replay/time_merge.hpp"

#include <algorithm>
#include <tuple>

namespace kiroku::replay {
namespace {

std::size_t size_of(const TimeMerge::Waiting& waiting) { return sizeof waiting + waiting.text.capacity(); }

}  // namespace

void TimeMerge::reach(std::size_t slot, Instant time) { slots_[slot].reached = std::max(slots_[slot].reached, time); }

void TimeMerge::add(std::size_t slot, Offset offset, std::string_view text, Clock::time_point now) {
    auto& [waiting, bytes, reached, outlook] = slots_[slot];
    const auto size = size_of(waiting.emplace_back(Waiting{reached, offset, std::string{text}, now}));
    bytes += size;
    bytes_ += size;
}

std::optional<std::size_t> TimeMerge::next(Clock::time_point patient_until) const {
    std::optional<std::size_t> earliest;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        const auto& waiting = slots_[slot].waiting;
        if (waiting.empty()) continue;
        if (!earliest || waiting.front().time < slots_[*earliest].waiting.front().time) earliest = slot;
    }
    if (!earliest) return std::nullopt;
    const auto& first = slots_[*earliest].waiting.front();
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        const auto& [waiting, bytes, reached, outlook] = slots_[slot];
        if (!waiting.empty() || outlook == Outlook::nothing) continue;
        if (std::tie(reached, slot) > std::tie(first.time, *earliest)) continue;
        if (outlook == Outlook::more || first.arrived > patient_until) return std::nullopt;
    }
    return earliest;
}

TimeMerge::Waiting TimeMerge::take(std::size_t slot) {
    auto& [waiting, bytes, reached, outlook] = slots_[slot];
    auto first = std::move(waiting.front());
    waiting.pop_front();
    const auto size = size_of(first);
    bytes -= size;
    bytes_ -= size;
    return first;
}

}  // namespace kiroku::replay
