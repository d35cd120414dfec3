#include "projections/engine/memory_fold.hpp"

#include <algorithm>

#include "projections/engine/version_watch.hpp"

namespace kiroku::projections {
namespace {

constexpr int most_records = 5'000;
constexpr int wait_ms = 100;
constexpr std::chrono::seconds silence_limit{30};

using Ends = std::map<log::Partition, Offset>;

bool is_there(const log::EventReader& reader, const Ends& ends) {
    return std::ranges::all_of(ends,
                               [&](const auto& end) { return reader.reader(end.first).cursor().next >= end.second; });
}

}  // namespace

MemoryFold::MemoryFold(const ReadModel& model, const Checkpoints& up_to) : tables_(model.make_tables(Keep::all)) {
    for (const auto& [partition, checkpoint] : up_to) ends_.emplace(partition, checkpoint.cursor.next);
}

bool MemoryFold::includes(const Step& step) const {
    const auto end = ends_.find(step.partition);
    return end != ends_.end() && step.after.next <= end->second;
}

void MemoryFold::apply(const Chunk& chunk) {
    for (const auto& step : chunk.steps()) {
        if (!includes(step)) continue;
        events_ += step.events;
        for (const auto& event : std::span{chunk.events_of(step), step.events}) {
            for (const auto& table : tables_) table->take(event);
        }
    }
    for (const auto& table : tables_) {
        table->fold();
        table->settle();
    }
}

void fold_log(const std::string& bootstrap, const std::map<log::Partition, Offset>& ends,
              std::vector<MemoryFold>& folds) {
    std::map<log::Partition, log::Cursor> starts;
    for (const auto& [partition, end] : ends) starts.emplace(partition, log::Cursor{});
    log::EventReader reader{bootstrap};
    reader.read(starts);
    VersionWatch versions;
    auto quiet_since = std::chrono::steady_clock::now();
    while (!is_there(reader, ends)) {
        Chunk chunk;
        const auto taken = reader.poll(wait_ms, most_records, [&](const log::ReadDecision& decision) {
            for (const auto& event : decision.events) {
                if (auto gap = versions.see(event.envelope); !gap.empty()) throw VersionGap(gap);
            }
            chunk.add(decision, Uuid{});
        });
        for (auto& fold : folds) fold.apply(chunk);
        const auto now = std::chrono::steady_clock::now();
        if (taken > 0) quiet_since = now;
        if (now - quiet_since > silence_limit) throw kafka::BrokerError("the log gives nothing more, and should");
    }
}

}  // namespace kiroku::projections
