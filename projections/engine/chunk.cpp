#include "projections/engine/chunk.hpp"

#include <algorithm>

namespace kiroku::projections {

void Chunk::add(const log::ReadDecision& decision, const Uuid& log_id) {
    steps_.push_back({decision.partition, events_.size(), decision.events.size(), decision.after, log_id, {}});
    if (const auto parent = decision.events.front().envelope.traceparent; tracing::may_be_sampled(parent))
        steps_.back().trace = tracing::read_traceparent(parent);
    for (const auto& [envelope, offset, whole] : decision.events) {
        keep({.type = envelope.type,
              .id = envelope.id,
              .aggregate = envelope.aggregate,
              .time = envelope.time,
              .version = envelope.version,
              .offset = offset,
              .data = envelope.data});
    }
}

void Chunk::add(const Step& step, std::span<const Event> events, std::string refused) {
    steps_.push_back({step.partition, events_.size(), events.size(), step.after, step.log_id, {}, std::move(refused)});
    for (const auto& event : events) keep(event);
}

void Chunk::keep(const Event& event) {
    const auto kept = keep(event.type, event.data);
    auto& copy = events_.emplace_back(event);
    copy.type = kept.substr(0, event.type.size());
    copy.data = kept.substr(event.type.size());
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
