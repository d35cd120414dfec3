#include "projections/engine/chunk.hpp"

#include <algorithm>

namespace kiroku::projections {

void Chunk::add(const log::ReadDecision& decision, const Uuid& log_id) {
    steps_.push_back({decision.partition, events_.size(), decision.events.size(), decision.after, log_id, {}});
    for (const auto& [envelope, offset, whole] : decision.events) {
        const auto kept = keep(envelope.type, envelope.data);
        events_.push_back({.type = kept.substr(0, envelope.type.size()),
                           .id = envelope.id,
                           .aggregate = envelope.aggregate,
                           .time = envelope.time,
                           .version = envelope.version,
                           .offset = offset,
                           .data = kept.substr(envelope.type.size())});
    }
}

std::string_view Chunk::keep(std::string_view type, std::string_view data) {
    const auto size = type.size() + data.size();
    if (texts_.empty() || texts_.back().capacity() - texts_.back().size() < size) {
        const auto room = texts_.empty() ? size : std::max(block, size);  // a decision alone needs no more than its own
        texts_.emplace_back().reserve(room);
    }
    auto& text = texts_.back();
    const auto begin = text.size();
    text.append(type).append(data);
    return std::string_view{text}.substr(begin);
}

}  // namespace kiroku::projections
