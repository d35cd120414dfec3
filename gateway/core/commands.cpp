// gateway/core/commands.cpp: sends what callers want to the deciders and waits for what was decided.
#include "gateway/core/commands.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "gateway/core/spans.hpp"
#include "schemas/challenges/types.hpp"
#include "schemas/gamification/types.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::gateway {
namespace {

std::span<const RefusalEntry> refusals_of(std::string_view context) {
    if (context == "identity") return identity::refusals();
    if (context == "challenges") return challenges::refusals();
    if (context == "gamification") return gamification::refusals();
    return {};
}

const RefusalEntry* find(std::span<const RefusalEntry> refusals, std::string_view code) {
    const auto found = std::ranges::find(refusals, code, &RefusalEntry::code);
    return found == refusals.end() ? nullptr : &*found;
}

}  // namespace

Problem refused(std::string_view command_type, std::string_view code, std::string_view detail) {
    const RefusalEntry* refusal = find(refusals_of(command_type.substr(0, command_type.find('.'))), code);
    if (refusal == nullptr) refusal = find(core_refusals(), code);
    if (refusal == nullptr) {
        spdlog::error("gateway: {} was refused as {}, which nobody knows", command_type, code);
        return CoreRefusal::internal_error;
    }
    if (detail.empty() || refusal->status >= 500) return {*refusal, RawJson{"{}"}};
    return {*refusal, culprit("command", command_type, detail)};
}

Task<Decided> Commands::decide(log::CommandRecord record, Intent intent) {
    record.command = intent.command;
    record.hash = intent.hash;
    record.actor = intent.actor;
    record.roles = intent.roles;
    record.organization = intent.organization;
    record.correlation = intent.correlation;
    record.traceparent = intent.traceparent;
    record.expected = intent.expected;
    co_return co_await send(std::move(record));
}

Task<Decided> Commands::send(log::CommandRecord record) {
    const std::string type = record.type;
    CommandSpan span{record, spans_};
    const Arrival<commands::Answer> arrival{io_};
    send_(std::move(record), timeout_, [arrival](commands::Answer answer) { arrival.deliver(std::move(answer)); });
    commands::Answer answer = co_await arrival.wait();
    span.end(answer);
    switch (answer.outcome) {
        case commands::Answer::Outcome::decided: break;
        case commands::Answer::Outcome::shed: co_return std::unexpected(CoreRefusal::overloaded);
        case commands::Answer::Outcome::not_sent: co_return std::unexpected(CoreRefusal::command_not_accepted);
        case commands::Answer::Outcome::no_answer: co_return std::unexpected(CoreRefusal::deadline_exceeded);
    }
    if (!answer.reply.accepted()) co_return std::unexpected(refused(type, answer.reply.refusal, answer.reply.detail));
    co_return std::move(answer.reply);
}

}  // namespace kiroku::gateway
