// commands/client/admission.hpp: whether one more command can be taken on, or would only make all others late.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>

#include "infra/log/partition.hpp"

namespace kiroku::commands {

/// What may wait for its answer at a time, of one client's.
struct AdmissionLimits {
    std::size_t in_flight = 20'000;
    std::size_t per_partition = 20'000;  ///< of one partition of a context's commands
    double patience = 0.5;  ///< the part of its own time that a command may expect to spend behind those before it
};

enum class Admission {
    granted,
    client_full,     ///< as many commands wait as may
    partition_full,  ///< for that partition
    partition_slow,  ///< that partition's answers take so long that this one's would come too late
};

/// Knows what waits, by partition. Answers of a partition come in the order of its commands, so what waits although a
/// later one was answered has lost its answer on the way, and says nothing about the partition.
class AdmissionControl {
public:
    using Clock = std::chrono::steady_clock;

    explicit AdmissionControl(AdmissionLimits limits = {}) : limits_(limits) {}

    /// For a command that will wait `timeout` for its answer.
    [[nodiscard]] Admission ask(const log::Partition& partition, std::chrono::milliseconds timeout,
                                Clock::time_point now) const;

    /// Attempts are numbered in the order in which they are sent.
    void sent(const log::Partition& partition, std::uint64_t number, Clock::time_point now);
    void answered(const log::Partition& partition, std::uint64_t number);
    void gave_up(const log::Partition& partition, std::uint64_t number);

private:
    struct Queue {
        std::map<std::uint64_t, Clock::time_point> waiting;  // when it was sent
        std::uint64_t last_answered = 0;
    };

    AdmissionLimits limits_;
    std::size_t waiting_ = 0;
    std::map<log::Partition, Queue> queues_;
};

}  // namespace kiroku::commands
