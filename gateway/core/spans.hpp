// gateway/core/spans.hpp: a request's and a command's part in a trace.
#pragma once

#include <string_view>

#include "commands/client/answer.hpp"
#include "gateway/core/fields.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku::gateway {

/// A request on its way through this gateway. It takes part in the trace that its one good `traceparent` names, else it
/// begins one. A `tracestate` isn't handed on.
class RequestSpan {
public:
    /// `share` of the traces that begin here are sampled, of all.
    RequestSpan(const Fields& fields, double share);

    [[nodiscard]] const tracing::TraceContext& context() const { return context_; }

    /// It is answered. `spans` may be null.
    void end(std::string_view method, std::string_view route, int status, const std::string& request_id,
             tracing::Exporter* spans) const;

private:
    tracing::SpanId parent_{};
    tracing::TraceContext context_;
    tracing::Clock::time_point begin_{};
};

/// A command from its sending to its answer: a hop of its own, which it gives the record as its `traceparent`.
class CommandSpan {
public:
    CommandSpan(log::CommandRecord& record, tracing::Exporter* spans);

    void end(const commands::Answer& answer);

private:
    tracing::Exporter* spans_;
    tracing::Span span_;  // without a name: nobody wants it
};

}  // namespace kiroku::gateway
