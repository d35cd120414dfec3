// projections/engine/log_walk.hpp: reads partitions from where they are to where they shall be, in chunks: what verify,
// rebuild and as-of have in common.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "projections/engine/log_probe.hpp"
#include "projections/engine/version_watch.hpp"

namespace kiroku::projections {

/// An event that the log should hold is missing: nothing may be made from it.
struct VersionGap : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Ends = std::map<log::Partition, Offset>;  ///< the first record that isn't wanted any more

/// One thread at a time.
class LogWalk {
public:
    using OnChunk = std::function<void(const Chunk& chunk, int records)>;

    LogWalk(const std::string& bootstrap, std::map<log::Partition, log::Cursor> from);

    /// Hands on what lies before these places, and perhaps some of what lies behind them. Partitions that aren't named
    /// are read on, too, as long as that takes. False: it was stopped before. Throws BrokerError, UnreadableRecord,
    /// VersionGap, and what `on_chunk` throws.
    bool to(const Ends& ends, const std::stop_token& stop, const OnChunk& on_chunk);

private:
    static constexpr int most_records = 5'000;

    [[nodiscard]] bool is_at(const Ends& ends) const;
    void take(const log::ReadDecision& decision, Chunk& chunk);
    void note_ends(Chunk& chunk);
    Uuid log_id(const log::Partition& partition);

    std::map<log::Partition, log::Cursor> cursors_;  // behind what was handed on
    std::map<log::Partition, Uuid> log_ids_;
    log::EventReader reader_;
    LogProbe probe_;
    VersionWatch versions_;
};

}  // namespace kiroku::projections
