// projections/engine/status.hpp: how far each read model is, and how far behind.
#pragma once

#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "projections/engine/log_probe.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

struct PartitionStatus {
    log::Partition partition;
    Offset next;                  ///< the first record that is not in the tables
    std::int64_t lag_events = 0;  ///< records behind it, fences included
    std::string halted;
};

struct ReadModelStatus {
    std::string read_model;
    int version = 0;                          ///< the live one
    std::vector<PartitionStatus> partitions;  ///< empty: nobody has ever projected it
    log::Position position;                   ///< up to here it includes the log
    std::int64_t lag_events = 0;
    std::int64_t parked = 0;  ///< keys that wait because an event of theirs can't be digested
    double lag_seconds = 0;   ///< how long the oldest record that isn't in the tables has been in the log

    /// "live", "behind", "halted" or "never projected".
    [[nodiscard]] std::string_view state() const;
};

/// Throws DatabaseError, BrokerError.
std::vector<ReadModelStatus> status_of(postgres::Connection& connection, LogProbe& log,
                                       const std::vector<ReadModel>& read_models, Instant now);

}  // namespace kiroku::projections
