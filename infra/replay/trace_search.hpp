// infra/replay/trace_search.hpp: finds what the log tells of a request, whose id may be one of several kinds.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>

#include "infra/replay/request_trace.hpp"

namespace kiroku::replay {

struct TraceSearch {
    std::string bootstrap;
    std::vector<std::string> contexts;

    /// A request's (`X-Request-Id`, `correlationid`), a trace's (32 digits, or a whole `traceparent`), a command's, an
    /// attempt's (a command record's `id`) or an event's.
    std::string id;

    Instant since;  ///< what was written earlier isn't looked at

    /// What is being read ("commands", "events", "replies"), with records that were read and that there are.
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t all)> on_progress;
};

/// Everything of the requests that the id leads to; without commands and events if it leads nowhere, or if it was
/// stopped. By a request's own id the topics are read once, else twice. Throws as EventReader does.
FoundRecords find(const TraceSearch& search, const std::stop_token& stop);

/// When this id was made, if it is a UUID of version 7, or a trace id that Kiroku made of one: nothing of it was
/// written before.
std::optional<Instant> time_in(std::string_view id);

}  // namespace kiroku::replay
