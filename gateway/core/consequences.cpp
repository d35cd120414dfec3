// gateway/core/consequences.cpp: what an event led to elsewhere, for an answer that tells both.
#include "gateway/core/consequences.hpp"

#include <algorithm>

namespace kiroku::gateway {
namespace {

Task<std::shared_ptr<const SeenDecision>> nothing() { co_return nullptr; }

Task<std::shared_ptr<const SeenDecision>> ask_again(log::CommandRecord record, Commands& commands) {
    auto decided = co_await commands.send(std::move(record));
    if (!decided || decided->events.empty()) co_return nullptr;
    auto position = log::Position::parse(decided->position);
    if (!position) co_return nullptr;
    co_return std::make_shared<const SeenDecision>(std::move(*position), std::move(decided->events));
}

}  // namespace

Task<std::shared_ptr<const SeenDecision>> Consequences::of(std::string_view event_type, log::Reply reply,
                                                           std::string correlation) {
    const auto policy = std::ranges::find(policies_, event_type, &commands::Policy::event_type);
    if (policy == policies_.end()) return nothing();
    const auto event = std::ranges::find_if(reply.events, [&](const auto& one) { return policy->answers(one.type); });
    if (event == reply.events.end()) return nothing();
    auto command = policy->respond({.id = event->id,
                                    .type = event->type,
                                    .data = event->data,
                                    .correlation = correlation,
                                    .organization = {},
                                    .traceparent = {}});
    if (!command) return nothing();
    if (reply.replayed) return ask_again(std::move(*command), commands_);
    return caused_.await(command->command, within_);
}

std::string joint_position(const std::string& position, const SeenDecision* consequence) {
    auto joint = log::Position::parse(position);
    if (!joint || consequence == nullptr) return position;
    joint->include(consequence->position);
    return joint->text();
}

}  // namespace kiroku::gateway
