#include "commands/client/admission.hpp"

namespace kiroku::commands {

Admission AdmissionControl::ask(const log::Partition& partition, std::chrono::milliseconds timeout,
                                Clock::time_point now) const {
    if (waiting_ >= limits_.in_flight) return Admission::client_full;
    const auto found = queues_.find(partition);
    if (found == queues_.end()) return Admission::granted;
    const auto& [waiting, last_answered] = found->second;
    if (waiting.size() >= limits_.per_partition) return Admission::partition_full;
    const auto oldest = waiting.upper_bound(last_answered);
    if (oldest != waiting.end() && now - oldest->second > timeout * limits_.patience) return Admission::partition_slow;
    return Admission::granted;
}

void AdmissionControl::sent(const log::Partition& partition, std::uint64_t number, Clock::time_point now) {
    queues_[partition].waiting.emplace(number, now);
    ++waiting_;
}

void AdmissionControl::answered(const log::Partition& partition, std::uint64_t number) {
    auto& queue = queues_[partition];
    queue.last_answered = std::max(queue.last_answered, number);
    waiting_ -= queue.waiting.erase(number);
}

void AdmissionControl::gave_up(const log::Partition& partition, std::uint64_t number) {
    waiting_ -= queues_[partition].waiting.erase(number);
}

}  // namespace kiroku::commands
