// domain/identity/user.hpp: a person with an account.
#pragma once

#include <optional>

#include "domain/core/decider.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

struct User {
    std::optional<EmailClaimId> claim;  ///< of the address registered with; nothing: not registered yet
};

/// Refused: `already_registered`, with another address.
Decision<UserEvent, Refusal> decide(const User& user, const RegisterUser& command, const DecisionContext& context);

User evolve(User user, const UserEvent& event);

}  // namespace kiroku::identity
