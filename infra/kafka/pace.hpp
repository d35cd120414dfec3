// infra/kafka/pace.hpp: whether a reader is better off with fewer, larger fetches.
#pragma once

#include <chrono>
#include <cstdint>

namespace kiroku::kafka {

/// What a fetch costs the broker and its reader hardly depends on how much it brings. So where many records a second
/// arrive, and many at once, they are gathered for a few milliseconds. If that slows down whoever sends them (because
/// each waits for an answer), they come no more often, and it is given up for a while.
class Pace {
public:
    using Clock = std::chrono::steady_clock;

    void took() { ++fresh_; }

    /// All that was there has been taken. True: from now on it is to be the other way.
    [[nodiscard]] bool drained(Clock::time_point now);

    [[nodiscard]] bool gathers() const { return gathers_; }
    void hurry() { gathers_ = false; }  ///< whatever was measured

private:
    [[nodiscard]] bool worth_a_try(Clock::time_point now, double rate, double at_once);

    bool gathers_ = false;
    bool settling_ = false;  // the first window after a change tells nothing
    std::int64_t fresh_ = 0, records_ = 0, drains_ = 0;
    double rate_before_ = 0;
    Clock::time_point begun_{}, last_{}, left_{}, not_before_{};
};

}  // namespace kiroku::kafka
