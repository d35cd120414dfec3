// domain/identity/user.hpp: a person with an account, and what they may do beyond what everybody may.
#pragma once

#include <optional>
#include <set>

#include "domain/core/decider.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

struct User {
    std::optional<EmailClaimId> claim;  ///< of the address registered with; nothing: not registered yet
    std::set<Role> roles;
};

/// Refused: `already_registered`, with another address.
Decision<UserEvent, Refusal> decide(const User& user, const RegisterUser& command, const DecisionContext& context);

/// Refused: `unknown_user`, before they are registered.
Decision<UserEvent, Refusal> decide(const User& user, const GrantRole& command, const DecisionContext& context);
Decision<UserEvent, Refusal> decide(const User& user, const RevokeRole& command, const DecisionContext& context);

User evolve(User user, const UserEvent& event);

}  // namespace kiroku::identity
