// domain/identity/policy.cpp: the claim says all that the registration needs.
#include "domain/identity/policy.hpp"

namespace kiroku::identity {

std::optional<Outgoing<UserCommand>> whenever(const EmailClaimed& event, EventId) {
    return Outgoing<UserCommand>{.aggregate = event.user_id.value,
                                 .command = RegisterUser{.email_claim_id = event.email_claim_id,
                                                         .email = event.email,
                                                         .display_name = event.display_name,
                                                         .timezone = event.timezone,
                                                         .credential = event.credential}};
}

}  // namespace kiroku::identity
