// tests/bench/latencies.hpp: how long many things took, and how a measuring program tells it: one JSON object a line.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace kiroku::bench {

using Clock = std::chrono::steady_clock;

inline std::chrono::nanoseconds seconds(double count) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(count));
}

/// CPU seconds that this process has used so far.
inline double own_cpu_seconds() {
    ::rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const ::timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

/// The part of a run that counts: from the end of the warming up to the end.
struct Window {
    Clock::time_point from, to;

    static Window after(double warm_seconds, double seconds_long) {
        const auto from = Clock::now() + seconds(warm_seconds);
        return {from, from + seconds(seconds_long)};
    }
    [[nodiscard]] bool holds(Clock::time_point when) const { return when >= from && when < to; }
    [[nodiscard]] double length() const { return std::chrono::duration<double>(to - from).count(); }
};

class Latencies {
public:
    void add(std::chrono::nanoseconds took) { all_.push_back(took.count()); }
    [[nodiscard]] std::size_t size() const { return all_.size(); }

    /// The smallest latency that `percent` % of all don't exceed, in milliseconds; 0 if there are none.
    [[nodiscard]] double ms(double percent) const {
        if (all_.empty()) return 0;
        const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(all_.size())));
        const auto place = all_.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
        std::nth_element(all_.begin(), place, all_.end());
        return static_cast<double>(*place) / 1e6;
    }

    /// Members of a JSON object, without its braces.
    [[nodiscard]] std::string members() const {
        return fmt::format(R"("count":{},"p50":{:.4f},"p95":{:.4f},"p99":{:.4f},"worst":{:.4f})", size(), ms(50),
                           ms(95), ms(99), ms(100));
    }

    /// The same, with how many there were a second.
    [[nodiscard]] std::string members(double seconds_long) const {
        return fmt::format(R"({},"rate":{:.1f})", members(), static_cast<double>(size()) / seconds_long);
    }

private:
    mutable std::vector<std::int64_t> all_;  // ns; in no order
};

}  // namespace kiroku::bench
