#include "projections/engine/pass.hpp"

#include <algorithm>
#include <cstdlib>

namespace kiroku::projections {
namespace {

constexpr int wait_ms = 100;  // for records, before a stop is looked for again

}  // namespace

Pass::Pass(Worker& first) { add(first); }

bool Pass::suits(const Worker& worker) const {
    std::int64_t apart = 0;
    for (const auto& [partition, checkpoint] : worker.checkpoints()) {
        const auto mine = cursors_.find(partition);
        if (mine != cursors_.end()) apart += std::abs(mine->second.next.value - checkpoint.cursor.next.value);
    }
    return apart <= near_enough;
}

void Pass::add(Worker& worker) {
    workers_.push_back(&worker);
    for (const auto& [partition, checkpoint] : worker.checkpoints()) {
        const auto [mine, is_new] = cursors_.try_emplace(partition, checkpoint.cursor);
        if (!is_new && checkpoint.cursor.next < mine->second.next) mine->second = checkpoint.cursor;
        if (checkpoint.log_id) log_ids_[partition] = *checkpoint.log_id;
    }
}

void Pass::run(const std::string& bootstrap, const std::stop_token& stop) {
    probe_ = std::make_unique<LogProbe>(bootstrap);
    log::EventReader reader{bootstrap};
    reader.read(cursors_);
    while (!stop.stop_requested()) {
        auto chunk = std::make_shared<Chunk>();
        const auto on_decision = [&](const log::ReadDecision& decision) { take(decision, *chunk); };
        if (reader.poll(wait_ms, most_records, on_decision) > 0) note_ends(reader, *chunk);
        if (!chunk->empty() && !hand_out(chunk, stop)) return;
    }
}

void Pass::take(const log::ReadDecision& decision, Chunk& chunk) {
    if (halted_.contains(decision.partition)) return;
    for (const auto& event : decision.events) {
        auto gap = versions_.see(event.envelope);
        if (gap.empty()) continue;
        halted_.insert(decision.partition);
        return chunk.add_gap(decision.partition, std::move(gap));
    }
    chunk.add(decision, log_id(decision.partition));
    cursors_[decision.partition] = decision.after;
}

/// Fences and void records move a partition on, too.
void Pass::note_ends(const log::EventReader& reader, Chunk& chunk) {
    for (auto& [partition, cursor] : cursors_) {
        const auto& now = reader.reader(partition).cursor();
        if (now == cursor || halted_.contains(partition)) continue;
        cursor = now;
        chunk.add_end(partition, now, log_id(partition));
    }
}

Uuid Pass::log_id(const log::Partition& partition) {
    const auto known = log_ids_.find(partition);
    if (known != log_ids_.end()) return known->second;
    return log_ids_[partition] = probe_->first_id(partition);
}

bool Pass::hand_out(const ChunkPointer& chunk, const std::stop_token& stop) {
    const auto concerns = [&](const Worker& worker) {
        return std::ranges::any_of(chunk->steps(), [&](const Step& step) {
            return std::ranges::find(worker.model().contexts, step.partition.context) != worker.model().contexts.end();
        });
    };
    std::erase_if(workers_, [&](Worker* worker) { return concerns(*worker) && !worker->give(chunk, stop); });
    return !workers_.empty();
}

}  // namespace kiroku::projections
