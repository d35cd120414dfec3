// projections/engine/chunk.hpp: a stretch of the log on its way to the read models, in memory of its own.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "infra/log/event_reader.hpp"
#include "infra/tracing/trace_context.hpp"
#include "projections/engine/event.hpp"

namespace kiroku::projections {

/// A decision as the log has it, or none (only fences and void records), and where a reader goes on behind it.
struct Step {
    log::Partition partition;
    std::size_t first = 0;  ///< of the chunk's events
    std::size_t events = 0;
    log::Cursor after;
    Uuid log_id;                    ///< of the partition's first record
    std::string gap;                ///< not empty: a version is missing here; the partition is not to be read on
    std::string refused{};          ///< not empty: why read models are to park it
    tracing::TraceContext trace{};  ///< of the decision's command, if that is sampled
};

class Chunk {
public:
    void add(const log::ReadDecision& decision, const Uuid& log_id);
    /// At the place of this step of another chunk. `refused`: why read models are to park it.
    void add(const Step& step, std::span<const Event> events, std::string refused = {});
    void add_end(const log::Partition& partition, const log::Cursor& after, const Uuid& log_id) {
        steps_.push_back({partition, 0, 0, after, log_id, {}});
    }
    void add_gap(const log::Partition& partition, std::string gap) {
        steps_.push_back({partition, 0, 0, {}, {}, std::move(gap)});
    }

    [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
    [[nodiscard]] const Event* events_of(const Step& step) const { return events_.data() + step.first; }
    [[nodiscard]] std::span<const Event> all_of(const Step& step) const { return {events_of(step), step.events}; }
    /// What it weighs in a queue.
    [[nodiscard]] std::size_t size() const { return events_.size() + steps_.size(); }
    [[nodiscard]] bool empty() const { return steps_.empty(); }

private:
    std::vector<Step> steps_;
    std::vector<Event> events_;
    void keep(const Event& event);
    std::string_view keep(std::string_view type, std::string_view data);

    static constexpr std::size_t block = 1UL << 17;
    std::deque<std::string> texts_;  // blocks of the events' types and data, which never grow beyond what they reserved
};

using ChunkPointer = std::shared_ptr<const Chunk>;

}  // namespace kiroku::projections
