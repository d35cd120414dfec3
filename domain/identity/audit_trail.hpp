// domain/identity/audit_trail.hpp: who did, or tried, what may matter later: from where, when and how often.
#pragma once

#include "domain/core/decider.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

/// One principal's, or one address's. Nothing that was seen is ever refused, so it remembers nothing.
struct AuditTrail {};

Decision<AuditTrailEvent, Refusal> decide(const AuditTrail& trail, const AuditAccess& command,
                                          const DecisionContext& context);

AuditTrail evolve(AuditTrail trail, const AuditTrailEvent& event);

}  // namespace kiroku::identity
