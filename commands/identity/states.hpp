// commands/identity/states.hpp: what accounts are like, for people who look into them.
#pragma once

#include <string>

#include "domain/identity/audit_trail.hpp"
#include "domain/identity/email_claim.hpp"
#include "domain/identity/sessions.hpp"
#include "domain/identity/user.hpp"

namespace kiroku::identity {

void write_state(std::string& out, const EmailClaim& claim);
void write_state(std::string& out, const User& user);
void write_state(std::string& out, const Sessions& sessions);
void write_state(std::string& out, const AuditTrail& trail);

}  // namespace kiroku::identity
