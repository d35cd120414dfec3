// domain/identity/user.cpp: whoever holds the claim to an address is registered with it, once; roles come and go.
#include "domain/identity/user.hpp"

namespace kiroku::identity {

Decision<UserEvent, Refusal> decide(const User& user, const RegisterUser& command, const DecisionContext&) {
    if (user.claim == command.email_claim_id) return {};
    if (user.claim) return std::unexpected(Refusal::already_registered);
    return std::vector<UserEvent>{UserRegistered{.email_claim_id = command.email_claim_id,
                                                 .email = command.email,
                                                 .display_name = command.display_name,
                                                 .timezone = command.timezone,
                                                 .credential = command.credential}};
}

Decision<UserEvent, Refusal> decide(const User& user, const GrantRole& command, const DecisionContext&) {
    if (!user.claim) return std::unexpected(Refusal::unknown_user);
    if (user.roles.contains(command.role)) return {};
    return std::vector<UserEvent>{RoleGranted{.role = command.role}};
}

Decision<UserEvent, Refusal> decide(const User& user, const RevokeRole& command, const DecisionContext&) {
    if (!user.claim) return std::unexpected(Refusal::unknown_user);
    if (!user.roles.contains(command.role)) return {};
    return std::vector<UserEvent>{RoleRevoked{.role = command.role}};
}

User evolve(User user, const UserEvent& event) {
    std::visit(overload{[&](const UserRegistered& e) { user.claim = e.email_claim_id; },
                        [&](const RoleGranted& e) { user.roles.insert(e.role); },
                        [&](const RoleRevoked& e) { user.roles.erase(e.role); }},
               event);
    return user;
}

}  // namespace kiroku::identity
