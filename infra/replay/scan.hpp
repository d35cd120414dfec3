// infra/replay/scan.hpp: all events of some ranges at once, in no order: for what only counts.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "infra/replay/event_filter.hpp"
#include "infra/replay/ranges.hpp"

namespace kiroku::replay {

/// Of each thread its own.
using Visit = std::function<void(const Event&)>;

struct Scan {
    std::string bootstrap;
    std::vector<Range> ranges;
    EventFilter filter;

    /// Called once a thread, before it begins, by the calling thread.
    std::function<Visit()> make_visit;

    /// A few times a second, with records that were read and that there are.
    std::function<void(std::uint64_t done, std::uint64_t all)> on_progress{};
};

/// Reads with as many threads as this machine has processors. False: it was stopped before the end. Throws what failed
/// first, as EventReader does.
bool run(const Scan& scan, const std::stop_token& stop);

}  // namespace kiroku::replay
