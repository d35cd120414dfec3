// infra/tracing/trace_context.hpp: which trace something belongs to, as W3C Trace Context (level 1) tells it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/core/uuid.hpp"

namespace kiroku::tracing {

using SpanId = std::array<std::uint8_t, 8>;

/// Where one hop of a request stands: its trace, itself, and whether somebody keeps the trace. The default is none.
struct TraceContext {
    Uuid trace{};    ///< 16 bytes; not zero in a context that is one
    SpanId span{};   ///< not zero, either
    bool sampled{};  ///< its spans are to be exported where that is switched on

    [[nodiscard]] bool known() const { return trace != Uuid{}; }
    friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

/// What a `traceparent` says; none for what the recommendation calls invalid: the wrong length or form, upper case,
/// zeros, version ff. Of later versions what version 00 has is read.
TraceContext read_traceparent(std::string_view text);

/// Only whether it is sampled, for little: most aren't.
bool may_be_sampled(std::string_view traceparent);

/// `00-<trace>-<span>-<flags>`; empty for none.
std::string traceparent(const TraceContext& context);

std::string trace_id(const TraceContext& context);  ///< 32 digits, in lower case
std::string hex(const SpanId& span);                ///< 16 digits

/// A new trace. Its id is a UUID of version 7, random in its second half, so that it tells when it began.
TraceContext new_trace(bool sampled);

/// The next hop of the same trace.
TraceContext child_of(const TraceContext& parent);

/// A hop that is the same one whoever takes it: named by the command that it sends.
TraceContext child_of(const TraceContext& parent, const Uuid& command);

}  // namespace kiroku::tracing
