#include "infra/tracing/trace_context.hpp"

#include <algorithm>
#include <span>

namespace kiroku::tracing {
namespace {

constexpr std::size_t trace_at = 3, span_at = 36, flags_at = 53, whole = 55;
constexpr int not_hex = -1;

int value_of(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return not_hex;
}

/// False: it holds something else than lower-case digits, or nothing but zeros.
bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
    std::uint8_t any = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = value_of(text[2 * i]), low = value_of(text[2 * i + 1]);
        if (high == not_hex || low == not_hex) return false;
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        any |= bytes[i];
    }
    return any != 0;
}

void write_hex(std::span<const std::uint8_t> bytes, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto byte : bytes) out += {digits[byte >> 4U], digits[byte & 0xFU]};
}

/// The half of a UUID that is random in version 7, and a hash in version 5; its first bit is set.
SpanId span_of(const Uuid& uuid) {
    SpanId span{};
    std::copy(uuid.bytes.begin() + 8, uuid.bytes.end(), span.begin());
    return span;
}

bool has_form(std::string_view text) {
    if (text.size() < whole || text[2] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-') return false;
    if (value_of(text[0]) == not_hex || value_of(text[1]) == not_hex || text.starts_with("ff")) return false;
    if (value_of(text[flags_at]) == not_hex || value_of(text[flags_at + 1]) == not_hex) return false;
    return text.size() == whole || (!text.starts_with("00") && text[whole] == '-');
}

}  // namespace

TraceContext read_traceparent(std::string_view text) {
    TraceContext context;
    if (!has_form(text) || !read_hex(text.substr(trace_at, 32), context.trace.bytes) ||
        !read_hex(text.substr(span_at, 16), context.span))
        return {};
    context.sampled = may_be_sampled(text);
    return context;
}

bool may_be_sampled(std::string_view traceparent) {
    return traceparent.size() >= whole && (value_of(traceparent[flags_at + 1]) & 1) == 1;
}

std::string traceparent(const TraceContext& context) {
    if (!context.known()) return {};
    std::string out;
    out.reserve(whole);
    out += "00-";
    write_hex(context.trace.bytes, out);
    out += '-';
    write_hex(context.span, out);
    out += context.sampled ? "-01" : "-00";
    return out;
}

std::string trace_id(const TraceContext& context) {
    std::string out;
    if (context.known()) write_hex(context.trace.bytes, out);
    return out;
}

std::string hex(const SpanId& span) {
    std::string out;
    write_hex(span, out);
    return out;
}

TraceContext new_trace(bool sampled) { return {random_uuid_v7(), span_of(random_uuid_v7()), sampled}; }

TraceContext child_of(const TraceContext& parent) {
    return parent.known() ? TraceContext{parent.trace, span_of(random_uuid_v7()), parent.sampled} : TraceContext{};
}

TraceContext child_of(const TraceContext& parent, const Uuid& command) {
    return parent.known() ? TraceContext{parent.trace, span_of(command), parent.sampled} : TraceContext{};
}

}  // namespace kiroku::tracing
