#include "commands/identity/context.hpp"

#include "commands/identity/states.hpp"
#include "domain/identity/policy.hpp"
#include "schemas/identity/codec.hpp"

namespace kiroku::commands {

Context identity_context() {
    using namespace identity;
    Context context{"identity", {}, may_send};
    context.aggregates.push_back(aggregate<EmailClaim, EmailClaimEvent, EmailClaimCommand>("email_claim"));
    context.aggregates.push_back(aggregate<User, UserEvent, UserCommand>("user"));
    context.aggregates.push_back(aggregate<Sessions, SessionsEvent, SessionsCommand>("sessions"));
    context.aggregates.push_back(aggregate<AuditTrail, AuditTrailEvent, AuditTrailCommand>("audit_trail"));
    return context;
}

std::vector<Policy> identity_policies() {
    const auto register_user = [](const identity::EmailClaimed& event, EventId id) {
        return identity::whenever(event, id);
    };
    return {policy<identity::EmailClaimed>(std::string{identity::register_user_policy}, register_user)};
}

}  // namespace kiroku::commands
