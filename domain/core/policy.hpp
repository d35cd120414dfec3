// domain/core/policy.hpp: what follows from an event elsewhere: whenever this happens, that is asked for.
//
// A policy is a pure function `std::optional<Outgoing<XCommand>> whenever(const Event& event, EventId id)`: nothing, or
// one command for one aggregate.
#pragma once

#include <string_view>

#include "schemas/core/types.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku {

/// A command on its way to the aggregate that is to decide it.
template <class Command>
struct Outgoing {
    Uuid aggregate;
    Command command;

    bool operator==(const Outgoing&) const = default;
};

/// The id of the command that a policy sends because of an event: told twice, it is one command.
inline CommandId policy_command_id(EventId cause, std::string_view policy_name) {
    return CommandId{uuid_v5(cause.value, policy_name)};
}

}  // namespace kiroku
