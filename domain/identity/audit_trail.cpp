// domain/identity/audit_trail.cpp: what a gateway has seen is kept as it was seen.
#include "domain/identity/audit_trail.hpp"

namespace kiroku::identity {

Decision<AuditTrailEvent, Refusal> decide(const AuditTrail&, const AuditAccess& command, const DecisionContext&) {
    return std::vector<AuditTrailEvent>{AccessAudited{.principal = command.principal,
                                                      .action = command.action,
                                                      .target = command.target,
                                                      .outcome = command.outcome,
                                                      .reason = command.reason,
                                                      .address = command.address,
                                                      .user_agent = command.user_agent,
                                                      .count = command.count,
                                                      .first_at = command.first_at,
                                                      .last_at = command.last_at}};
}

AuditTrail evolve(AuditTrail trail, const AuditTrailEvent& event) {
    std::visit(overload{[](const AccessAudited&) {}}, event);
    return trail;
}

}  // namespace kiroku::identity
