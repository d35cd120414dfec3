// infra/kafka/record.hpp: what a topic holds, in the terms that the rest of Kiroku speaks.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "schemas/core/strong.hpp"
#include "schemas/core/time.hpp"

namespace kiroku {

/// A record's place in its partition, dense from 0.
using Offset = Strong<std::int64_t, struct OffsetTag>;

}  // namespace kiroku

namespace kiroku::kafka {

struct TopicPartition {
    std::string topic;
    int partition = 0;

    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// A partition and the next offset to read there.
struct Start {
    TopicPartition where;
    Offset offset;
};

inline constexpr Offset from_the_end{-1};  ///< as a start: what comes from now on

struct Watermarks {
    Offset first, next;  ///< the oldest offset there is, and the one that the next record will get
};

/// A record as the broker delivered it. The views live as long as the `Message` that it came in.
struct Record {
    std::string_view topic;
    int partition = 0;
    Offset offset;
    Instant timestamp;  ///< the broker's (LogAppendTime) on command topics, the producer's elsewhere
    std::string_view key;
    std::string_view value;
};

/// The broker can't be reached or refuses what it must not refuse; ends the unit of work.
struct BrokerError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Kafka's own partitioner (murmur2 on the key), so that other clients find the same partition.
int partition_of(std::string_view key, int partitions);

}  // namespace kiroku::kafka
