// commands/reactor/policy.hpp: "whenever this happens, that is asked for", as the reactor runs it.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "commands/client/command_record.hpp"
#include "domain/core/policy.hpp"
#include "infra/tracing/trace_context.hpp"

namespace kiroku::commands {

/// An event, as far as a policy looks at it.
struct Cause {
    EventId id;
    std::string_view type;
    std::string_view data;
    std::string_view correlation;
    std::string_view organization;
    std::string_view traceparent;
};

/// The event's data doesn't fit its schema.
struct UndigestedCause : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A pure function of the event: whoever runs it, and however often, sends the same command with the same id.
struct Policy {
    std::string name;                                                        ///< "<context>.<command>"
    std::string event_type;                                                  ///< what it waits for, in today's version
    std::vector<std::string_view> event_types;                               ///< the same in all of its versions
    std::function<std::optional<log::CommandRecord>(const Cause&)> respond;  ///< throws UndigestedCause

    [[nodiscard]] bool answers(std::string_view type) const {
        return std::ranges::find(event_types, type) != event_types.end();
    }
};

/// Joins a policy of the domain, `whenever(event, id) → optional<Outgoing>`, to the runtime.
template <class Event, class Whenever>
Policy policy(std::string name, Whenever whenever) {
    auto respond = [name, whenever](const Cause& cause) -> std::optional<log::CommandRecord> {
        const auto event = json::decode_as<Event>(cause.type, cause.data);
        if (!event)
            throw UndigestedCause(std::string{cause.type} + ": " + event.error().path + " " + event.error().problem);
        const auto outgoing = whenever(*event, cause.id);
        if (!outgoing) return std::nullopt;
        auto record = command_record(outgoing->aggregate, outgoing->command);
        record.command = policy_command_id(cause.id, name);
        record.hash = to_string(uuid_v5(record.command.value, record.data));
        record.correlation = cause.correlation;
        record.causation = to_string(cause.id);
        record.actor = "policy/" + name;
        record.organization = cause.organization;
        record.traceparent =
            tracing::traceparent(tracing::child_of(tracing::read_traceparent(cause.traceparent), record.command.value));
        return record;
    };
    return {name, std::string{Event::type}, json::types_of<Event>(), std::move(respond)};
}

}  // namespace kiroku::commands
