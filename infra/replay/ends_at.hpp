// infra/replay/ends_at.hpp: where the log stood at some moment.
#pragma once

#include <map>
#include <span>
#include <string>

#include "infra/log/partition.hpp"
#include "infra/replay/moment.hpp"

namespace kiroku::replay {

/// For each partition of these contexts the first record that was not there yet. At a time: all that was recorded by
/// then was. At a position: in the partitions that it names, up to there; in the others, what was recorded by the time
/// when the latest of the records that it names was written. Throws BrokerError, UnknownPartition, UnreadableRecord.
std::map<log::Partition, Offset> ends_at(const std::string& bootstrap, std::span<const std::string> contexts,
                                         const Moment& moment);

}  // namespace kiroku::replay
