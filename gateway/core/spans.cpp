// gateway/core/spans.cpp: a request's and a command's part in a trace.
#include "gateway/core/spans.hpp"

namespace kiroku::gateway {
namespace {

constexpr int first_failure = 500;

/// By the trace's id, so that it is the same wherever it is asked.
bool is_in_share(const Uuid& trace, double share) {
    std::uint32_t chance = 0;
    for (std::size_t i = 12; i < trace.bytes.size(); ++i) chance = chance << 8U | trace.bytes[i];
    return chance < share * 0x1p32;
}

std::string_view outcome_of(const commands::Answer& answer) {
    using Outcome = commands::Answer::Outcome;
    switch (answer.outcome) {
        case Outcome::decided: return answer.reply.accepted() ? "accepted" : "refused";
        case Outcome::shed: return "shed";
        case Outcome::not_sent: return "not_sent";
        case Outcome::no_answer: break;
    }
    return "no_answer";
}

}  // namespace

RequestSpan::RequestSpan(const Fields& fields, double share) {
    const auto sent = fields.find("traceparent");
    const auto parent =
        sent && fields.count("traceparent") == 1 ? tracing::read_traceparent(*sent) : tracing::TraceContext{};
    parent_ = parent.span;
    context_ = parent.known() ? tracing::child_of(parent) : tracing::new_trace(false);
    if (!parent.known()) context_.sampled = is_in_share(context_.trace, share);
    if (context_.sampled) begin_ = tracing::Clock::now();
}

void RequestSpan::end(std::string_view method, std::string_view route, int status, const std::string& request_id,
                      tracing::Exporter* spans) const {
    if (spans == nullptr || !context_.sampled) return;
    spans->add({.context = context_,
                .parent = parent_,
                .kind = tracing::SpanKind::server,
                .name = std::string{method} + " " + std::string{route},
                .begin = begin_,
                .end = tracing::Clock::now(),
                .attributes = {{"http.request.method", std::string{method}},
                               {"http.route", std::string{route}},
                               {"http.response.status_code", std::int64_t{status}},
                               {"kiroku.request_id", request_id}},
                .failed = status >= first_failure});
}

CommandSpan::CommandSpan(log::CommandRecord& record, tracing::Exporter* spans) : spans_{spans} {
    const auto parent = tracing::read_traceparent(record.traceparent);
    const auto context = tracing::child_of(parent);
    record.traceparent = tracing::traceparent(context);
    if (spans == nullptr || !context.sampled) return;
    const auto topic = log::command_topic(std::string_view{record.type}.substr(0, record.type.find('.')));
    span_ = {.context = context,
             .parent = parent.span,
             .kind = tracing::SpanKind::client,
             .name = "command " + record.type,
             .begin = tracing::Clock::now(),
             .attributes = {{"messaging.system", "kafka"}, {"messaging.destination.name", topic}}};
}

void CommandSpan::end(const commands::Answer& answer) {
    if (span_.name.empty()) return;
    span_.end = tracing::Clock::now();
    span_.attributes.push_back({"kiroku.outcome", std::string{outcome_of(answer)}});
    if (!answer.reply.accepted()) span_.attributes.push_back({"kiroku.refusal", answer.reply.refusal});
    span_.failed = answer.outcome != commands::Answer::Outcome::decided;
    spans_->add(std::move(span_));
}

}  // namespace kiroku::gateway
