#include "infra/tracing/otlp.hpp"

#include <fmt/format.h>

#include "schemas/core/json_writer.hpp"

namespace kiroku::tracing {
namespace {

constexpr std::size_t usual_span_bytes = 700;
constexpr int status_error = 2;

std::int64_t nanoseconds(Clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void write(std::string& out, const Attribute& attribute) {
    out += R"({"key":)";
    json::write(out, attribute.name);
    if (const auto* text = std::get_if<std::string>(&attribute.value)) {
        out += R"(,"value":{"stringValue":)";
        json::write(out, *text);
    } else {
        out += R"(,"value":{"intValue":)";
        json::write_decimal(out, std::get<std::int64_t>(attribute.value));
    }
    out += "}}";
}

void write(std::string& out, std::span<const Attribute> attributes) {
    out += R"("attributes":[)";
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        if (i > 0) out += ',';
        write(out, attributes[i]);
    }
    out += ']';
}

void write(std::string& out, const Span& span) {
    out += fmt::format(R"({{"traceId":"{}","spanId":"{}",)", trace_id(span.context), hex(span.context.span));
    if (span.parent != SpanId{}) out += fmt::format(R"("parentSpanId":"{}",)", hex(span.parent));
    out += R"("name":)";
    json::write(out, span.name);
    out += fmt::format(R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}",)", static_cast<int>(span.kind),
                       nanoseconds(span.begin), nanoseconds(std::max(span.begin, span.end)));
    write(out, span.attributes);
    if (span.failed) out += fmt::format(R"(,"status":{{"code":{}}})", status_error);
    out += '}';
}

}  // namespace

std::string export_request(const Origin& origin, std::span<const Span> spans) {
    std::string out;
    out.reserve(usual_span_bytes * (spans.size() + 1));
    out += R"({"resourceSpans":[{"resource":{)";
    const std::vector<Attribute> resource{{"service.name", origin.service}, {"service.instance.id", origin.instance}};
    write(out, std::span{resource});
    out += R"(},"scopeSpans":[{"scope":{"name":"kiroku"},"spans":[)";
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (i > 0) out += ',';
        write(out, spans[i]);
    }
    return out + "]}]}]}";
}

}  // namespace kiroku::tracing
