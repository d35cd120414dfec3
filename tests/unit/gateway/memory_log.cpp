// tests/unit/gateway/memory_log.cpp: deciders, policies and the event tail in memory, with the real rules.
#include "tests/unit/gateway/memory_log.hpp"

#include <algorithm>

namespace kiroku::test {

void MemoryLog::send(log::CommandRecord command, std::chrono::milliseconds,
                     commands::CommandClient::OnAnswer on_answer) {
    auto answer = [this, command = std::move(command), on_answer = std::move(on_answer)] {
        on_answer(decide(command));
    };
    if (withholds) {
        withheld_.push_back(std::move(answer));
    } else {
        answer();
    }
}

void MemoryLog::release() {
    withholds = false;
    for (const auto& answer : std::exchange(withheld_, {})) answer();
}

gateway::Task<std::shared_ptr<const gateway::SeenDecision>> MemoryLog::await(CommandId command,
                                                                             std::chrono::milliseconds) {
    const auto found = seen_.find(command);
    co_return found == seen_.end() ? nullptr : found->second;
}

const commands::AggregateType& MemoryLog::type_of(const log::CommandRecord& command) const {
    for (const auto& context : contexts_) {
        for (const auto& aggregate : context.aggregates) {
            if (command.type.starts_with(context.name + ".") && aggregate->name() == command.aggregate)
                return *aggregate;
        }
    }
    throw std::logic_error{"nobody decides " + command.type};
}

commands::AggregateState& MemoryLog::state_of(const commands::AggregateType& type, const Uuid& id) {
    auto& state = states_[{std::string{type.name()}, id}];
    if (!state) state = type.initial();
    return *state;
}

commands::Answer MemoryLog::decide(const log::CommandRecord& command) {
    commands::Answer answer{.outcome = outcome, .reply = {}};
    if (outcome != commands::Answer::Outcome::decided) return answer;
    answer.reply.command = command.command;
    answer.reply.position = command.type.substr(0, command.type.find('.')) + "/0@" + std::to_string(++offset_);
    if (const auto before = decided_.find({command.id, command.command}); before != decided_.end()) {
        answer.reply = before->second.reply;
        answer.reply.replayed = true;
        if (before->second.hash != command.hash) {
            answer.reply = {};
            answer.reply.refusal = "idempotency_key_reused";
        }
        return answer;
    }
    const auto& type = type_of(command);
    const Principal principal{command.actor, command.roles};
    if (!may_send(principal, command.type)) {
        answer.reply.refusal = "forbidden";
        return answer;
    }
    auto& version = versions_[{command.id, type.name()}];
    const bool is_stale = command.expected.value_or(log::Version{version}).value != version;
    const auto decision = type.decide(state_of(type, command.id), command.type, command.data,
                                      {now, command.command, command.id, principal.user()}, is_stale);
    if (!decision) {
        answer.reply.refusal = decision.error().code;
        answer.reply.detail = decision.error().detail;
        return answer;
    }
    ++decisions;
    for (const auto& event : *decision) {
        const auto place = uuid_v5(command.command.value, std::to_string(answer.reply.events.size()));
        answer.reply.events.push_back(
            {std::string{event.type}, EventId{uuid_v7(now, place)}, log::Version{++version}, now, event.data});
    }
    if (!answer.reply.events.empty()) decided_[{command.id, command.command}] = {command.hash, answer.reply};
    react(answer.reply);
    return answer;
}

void MemoryLog::react(const log::Reply& reply) {
    if (reply.events.empty()) return;
    auto position = log::Position::parse(reply.position);
    seen_[reply.command] = std::make_shared<const gateway::SeenDecision>(std::move(*position), reply.events);
    if (!reacts) return;
    for (const auto& event : reply.events) {
        for (const auto& policy : policies_) {
            if (!policy.answers(event.type)) continue;
            if (const auto command = policy.respond({event.id, event.type, event.data, {}, {}, {}})) decide(*command);
        }
    }
}

}  // namespace kiroku::test
