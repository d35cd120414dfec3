#include "projections/engine/chunk.hpp"

namespace kiroku::projections {

void Chunk::add(const log::ReadDecision& decision, const Uuid& log_id) {
    steps_.push_back({decision.partition, events_.size(), decision.events.size(), decision.after, log_id, {}});
    for (const auto& [envelope, offset, whole] : decision.events) {
        auto& text = texts_.emplace_back();
        text.reserve(envelope.type.size() + envelope.data.size());
        text.append(envelope.type).append(envelope.data);
        const std::string_view kept = text;
        events_.push_back({.type = kept.substr(0, envelope.type.size()),
                           .id = envelope.id,
                           .aggregate = envelope.aggregate,
                           .time = envelope.time,
                           .version = envelope.version,
                           .offset = offset,
                           .data = kept.substr(envelope.type.size())});
    }
}

}  // namespace kiroku::projections
