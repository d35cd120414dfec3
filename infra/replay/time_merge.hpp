// infra/replay/time_merge.hpp: one order for the events of many partitions.
//
// By time; at the same time by partition, and within one by offset. A partition's own order always stays: should its
// clock have gone back, what follows counts as recorded when the latest before it was. So the order doesn't depend on
// what arrives when, and a prefix of the log stays a prefix.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "infra/kafka/record.hpp"

namespace kiroku::replay {

/// Partitions are slots, in their order. Not thread-safe.
class TimeMerge {
public:
    using Clock = std::chrono::steady_clock;

    struct Waiting {
        Instant time;  ///< that it is ordered by
        Offset offset;
        std::string text;
        Clock::time_point arrived;
    };

    /// What may still come of a partition that has none waiting.
    enum class Outlook {
        more,     ///< it is behind: everything waits for it
        quiet,    ///< nothing is there now; what arrived long enough ago doesn't wait
        nothing,  ///< it is finished
    };

    explicit TimeMerge(std::size_t slots) : slots_(slots) {}

    /// The partition has got as far as this time.
    void reach(std::size_t slot, Instant time);

    /// At the time that was reached last.
    void add(std::size_t slot, Offset offset, std::string_view text, Clock::time_point now);

    void expect(std::size_t slot, Outlook outlook) { slots_[slot].outlook = outlook; }

    /// The partition that has the next one; nullopt while an earlier one may come. What arrived before `patient_until`
    /// waits for no quiet partition.
    [[nodiscard]] std::optional<std::size_t> next(Clock::time_point patient_until) const;
    Waiting take(std::size_t slot);

    /// Of those of a partition that wait; nullopt: none does.
    [[nodiscard]] std::optional<Offset> first(std::size_t slot) const {
        const auto& waiting = slots_[slot].waiting;
        return waiting.empty() ? std::nullopt : std::optional{waiting.front().offset};
    }

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] std::size_t bytes(std::size_t slot) const { return slots_[slot].bytes; }

private:
    struct Slot {
        std::deque<Waiting> waiting;
        std::size_t bytes = 0;
        Instant reached = Instant::min();
        Outlook outlook = Outlook::more;
    };

    std::vector<Slot> slots_;
    std::size_t bytes_ = 0;
};

}  // namespace kiroku::replay
