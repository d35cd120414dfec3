// infra/replay/records.hpp: records as they lie in their topics, with the times at which they were written.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "infra/kafka/record.hpp"

namespace kiroku::replay {

/// Partitions of topics and how many of their records there are to read and were read.
struct RecordsRead {
    std::uint64_t done = 0, all = 0;
};

/// Every record of these topics that was written at `since` or later, and lies there now: of a partition in their
/// order. Whether events among them count is not looked at. Throws BrokerError. False: it was stopped before the end.
bool each_record(const std::string& bootstrap, std::span<const std::string> topics, Instant since,
                 const std::function<void(const kafka::Record&)>& visit,
                 const std::function<void(const RecordsRead&)>& on_progress, const std::stop_token& stop);

using Place = std::pair<kafka::TopicPartition, Offset>;

/// When the records at these places were written: by the broker's clock in command topics, by the writer's elsewhere.
/// Places where nothing lies are left out. Throws BrokerError.
std::map<Place, Instant> times_of(const std::string& bootstrap, std::set<Place> places, const std::stop_token& stop);

}  // namespace kiroku::replay
