// domain/identity/email_claim.hpp: one e-mail address, and the one account that may have it.
#pragma once

#include <optional>

#include "domain/core/decider.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

/// Keyed by a keyed hash of the normalised address, so that two registrations of one address meet here, one after the
/// other.
struct EmailClaim {
    std::optional<UserId> holder;
};

/// Refused: `unknown_timezone`; `email_taken`, if another user holds the address.
Decision<EmailClaimEvent, Refusal> decide(const EmailClaim& claim, const ClaimEmail& command,
                                          const DecisionContext& context);

EmailClaim evolve(EmailClaim claim, const EmailClaimEvent& event);

}  // namespace kiroku::identity
