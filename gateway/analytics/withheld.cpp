// gateway/analytics/withheld.cpp: what analysts are not shown of the log.
#include "gateway/analytics/withheld.hpp"

#include "schemas/challenges/types.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::gateway {

/// A claim's own id is the address, by its keyed hash, so claims aren't shown at all; the registration that follows is.
replay::Withheld withheld_from_analysts() {
    return {{{identity::UserRegistered::type, {"emailClaimId", "email", "displayName", "credential"}},
             {identity::RoleGranted::type},
             {identity::RoleRevoked::type},
             {identity::SessionStarted::type},
             {identity::RefreshRotated::type},
             {identity::RefreshReuseDetected::type},
             {identity::SessionRevoked::type},
             {challenges::SessionProgressed::type, {"distractionEvents", "sessionData"}}},
            {"identity"}};
}

}  // namespace kiroku::gateway
