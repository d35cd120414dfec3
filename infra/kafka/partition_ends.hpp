// infra/kafka/partition_ends.hpp: asks where a partition begins and ends.
#pragma once

#include <memory>
#include <string>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {

/// A client of its own, because librdkafka's question knows no deadline but the client's request timeout and retries:
/// these must be long and many for those who read and write, short and none for those who must go on while a broker is
/// away.
class PartitionEnds {
public:
    explicit PartitionEnds(const std::string& bootstrap);
    ~PartitionEnds();

    /// Asks the partition's leader, for a few seconds at the most. Throws BrokerError.
    Watermarks of(const TopicPartition& where);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace kiroku::kafka
