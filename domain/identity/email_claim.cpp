// domain/identity/email_claim.cpp: first come, first served.
#include "domain/identity/email_claim.hpp"

#include "domain/core/local_time.hpp"

namespace kiroku::identity {

Decision<EmailClaimEvent, Refusal> decide(const EmailClaim& claim, const ClaimEmail& command, const DecisionContext&) {
    if (claim.holder == command.user_id) return {};
    if (!is_timezone(command.timezone)) return std::unexpected(Refusal::unknown_timezone);
    if (claim.holder) return std::unexpected(Refusal::email_taken);
    return std::vector<EmailClaimEvent>{EmailClaimed{.email_claim_id = command.email_claim_id,
                                                     .user_id = command.user_id,
                                                     .email = command.email,
                                                     .display_name = command.display_name,
                                                     .timezone = command.timezone,
                                                     .credential = command.credential}};
}

EmailClaim evolve(EmailClaim claim, const EmailClaimEvent& event) {
    std::visit(overload{[&](const EmailClaimed& e) { claim.holder = e.user_id; }}, event);
    return claim;
}

}  // namespace kiroku::identity
