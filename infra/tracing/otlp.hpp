// infra/tracing/otlp.hpp: spans as the body of an OTLP/HTTP request, in its JSON encoding.
#pragma once

#include <span>
#include <string>

#include "infra/tracing/span.hpp"

namespace kiroku::tracing {

/// Who exports.
struct Origin {
    std::string service;   ///< "kiroku-gateway"
    std::string instance;  ///< unique among those that run
};

/// An ExportTraceServiceRequest (opentelemetry-proto 1.x, its JSON mapping): ids in hex, times and integers as decimal
/// strings.
std::string export_request(const Origin& origin, std::span<const Span> spans);

}  // namespace kiroku::tracing
