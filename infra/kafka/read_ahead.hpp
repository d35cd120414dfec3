// infra/kafka/read_ahead.hpp: how much a reader fetches before it is asked for.
#pragma once

#include <cstddef>
#include <vector>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {

/// Once its queue is full, librdkafka 2.0 sleeps for up to a second, however soon there is room again; a queue that
/// lasts a second at full speed would be 128 MB and more. Ours is small, and whoever empties it wakes librdkafka: by a
/// question to the partitions' leaders whose answer nobody awaits.
class ReadAhead {
public:
    static constexpr const char* most_kbytes = "16384";

    /// A record of so many bytes was taken from the queue of `client`, which reads these.
    void took(std::size_t bytes, rd_kafka_t* client, const std::vector<Start>& assigned) {
        bytes_ += bytes;
        if (bytes_ < between_calls) return;
        bytes_ = 0;
        wake(client, assigned);
    }
    /// The queue is empty, so librdkafka doesn't sleep.
    void drained() { bytes_ = 0; }

private:
    static constexpr std::size_t between_calls = 4UL << 20;

    static void wake(rd_kafka_t* client, const std::vector<Start>& assigned);

    std::size_t bytes_ = 0;
};

}  // namespace kiroku::kafka
