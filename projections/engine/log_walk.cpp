#include "projections/engine/log_walk.hpp"

#include <algorithm>

namespace kiroku::projections {
namespace {

constexpr int wait_ms = 100;
constexpr std::chrono::seconds silence_limit{30};

}  // namespace

LogWalk::LogWalk(const std::string& bootstrap, std::map<log::Partition, log::Cursor> from)
    : cursors_(std::move(from)), reader_(bootstrap), probe_(bootstrap) {
    reader_.read(cursors_);
}

bool LogWalk::to(const Ends& ends, const std::stop_token& stop, const OnChunk& on_chunk) {
    auto quiet_since = std::chrono::steady_clock::now();
    while (!is_at(ends)) {
        if (stop.stop_requested()) return false;
        Chunk chunk;
        const auto taken =
            reader_.poll(wait_ms, most_records, [&](const log::ReadDecision& decision) { take(decision, chunk); });
        const auto now = std::chrono::steady_clock::now();
        if (taken > 0) {
            note_ends(chunk);
            on_chunk(chunk, taken);
            quiet_since = now;
        }
        if (now - quiet_since > silence_limit) throw kafka::BrokerError("the log gives nothing more, and should");
    }
    return true;
}

bool LogWalk::is_at(const Ends& ends) const {
    return std::ranges::all_of(ends, [&](const auto& end) {
        const auto cursor = cursors_.find(end.first);
        return cursor == cursors_.end() || reader_.reader(end.first).next() >= end.second;
    });
}

void LogWalk::take(const log::ReadDecision& decision, Chunk& chunk) {
    for (const auto& event : decision.events) {
        if (auto gap = versions_.see(event.envelope); !gap.empty()) throw VersionGap(gap);
    }
    chunk.add(decision, log_id(decision.partition));
    cursors_[decision.partition] = decision.after;
}

/// Fences and void records move a partition on, too.
void LogWalk::note_ends(Chunk& chunk) {
    for (auto& [partition, cursor] : cursors_) {
        const auto& now = reader_.reader(partition).cursor();
        if (now == cursor) continue;
        cursor = now;
        chunk.add_end(partition, now, log_id(partition));
    }
}

Uuid LogWalk::log_id(const log::Partition& partition) {
    const auto known = log_ids_.find(partition);
    if (known != log_ids_.end()) return known->second;
    return log_ids_[partition] = probe_.first_id(partition);
}

}  // namespace kiroku::projections
