// tests/simulation/topics.hpp: a context's topics, and the ways into them: what was sent arrives late, or never.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "infra/kafka/record.hpp"
#include "infra/log/partition.hpp"

namespace kiroku::sim {

inline constexpr int partitions = 2;
inline const std::string context_name = "sim";

struct Stored {
    std::string value;
    Instant at;
};

class Topic {
public:
    explicit Topic(std::string name) : name_(std::move(name)), records_(partitions) {}

    Offset append(int partition, std::string value, Instant at) {
        auto& records = records_.at(static_cast<std::size_t>(partition));
        records.push_back({std::move(value), at});
        return Offset{std::ssize(records) - 1};
    }
    [[nodiscard]] std::int64_t size(int partition) const {
        return std::ssize(records_.at(static_cast<std::size_t>(partition)));
    }
    [[nodiscard]] kafka::Record record(int partition, std::int64_t offset) const {
        const auto& stored = records_.at(static_cast<std::size_t>(partition)).at(static_cast<std::size_t>(offset));
        return {.topic = name_,
                .partition = partition,
                .offset = Offset{offset},
                .timestamp = stored.at,
                .key = {},
                .value = stored.value};
    }

private:
    std::string name_;
    std::vector<std::deque<Stored>> records_;  // a deque: records are viewed while others are added
};

/// One producer's way into the event topic. It outlives whoever opened it: what is in flight may still arrive.
struct Session {
    struct InFlight {
        std::string value;
        std::uint64_t tag;
    };
    int decider;
    int life;  ///< of that decider; a later one hears nothing of it
    std::vector<std::deque<InFlight>> lanes = std::vector<std::deque<InFlight>>(partitions);
};

struct Topics {
    Topic commands{context_name + ".commands"};
    Topic events{context_name + ".events"};
    std::map<int, Offset> committed;  ///< by the deciders' group
};

}  // namespace kiroku::sim
