// gateway/analytics/events_query.hpp: what a stream of events was asked for, checked before the log is.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/analytics/cursor.hpp"
#include "gateway/core/problem.hpp"
#include "gateway/core/request.hpp"
#include "gateway/core/route.hpp"
#include "infra/replay/event_filter.hpp"
#include "infra/replay/moment.hpp"

namespace kiroku::gateway {

inline constexpr int most_events = 100'000;
inline constexpr int usual_events = 1'000;

/// The same words as options of `kiroku events`.
struct EventsQuery {
    std::vector<std::string> contexts{};
    replay::Period period{};
    replay::EventFilter filter{};
    std::vector<replay::Rest> rest{};  ///< where the last page ended; empty: this is the first
    int limit = usual_events;
    Instant asked;        ///< for the first page
    std::string filters;  ///< all of the above but the limit, as it was typed
};

std::vector<Parameter> events_parameters();

/// Refused: what makes no sense, with the parameter's name, and for an expression the column.
std::expected<EventsQuery, Problem> read_events_query(const Request& request,
                                                      std::span<const std::string_view> contexts,
                                                      const Cursors& cursors);

}  // namespace kiroku::gateway
