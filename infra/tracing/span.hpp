// infra/tracing/span.hpp: one hop of a request, with its times, on its way to whoever looks at traces.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "infra/tracing/trace_context.hpp"

namespace kiroku::tracing {

/// As OpenTelemetry numbers them.
enum class SpanKind { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

using Clock = std::chrono::system_clock;

struct Attribute {
    std::string name;
    std::variant<std::string, std::int64_t> value;
};

/// Never holds personal data: routes are patterns, people aren't named.
struct Span {
    TraceContext context;  ///< its own
    SpanId parent{};       ///< zero: it begins the trace here
    SpanKind kind = SpanKind::internal;
    std::string name{};
    Clock::time_point begin{}, end{};
    std::vector<Attribute> attributes{};
    bool failed = false;
};

/// A span that ends now, of a hop that nobody asks for the next one.
inline Span hop(const TraceContext& parent, SpanKind kind, std::string name, Clock::time_point begin) {
    return {.context = child_of(parent),
            .parent = parent.span,
            .kind = kind,
            .name = std::move(name),
            .begin = begin,
            .end = Clock::now()};
}

}  // namespace kiroku::tracing
