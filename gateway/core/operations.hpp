// gateway/core/operations.hpp: what operators, balancers and other services ask a gateway about itself.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

/// /healthz: it lives. /readyz: send it requests. /metrics. /.well-known/jwks.json: how to check our tokens. /ws
/// answers here only those who forgot to ask for an upgrade.
void add_operations_routes(Router& router);

}  // namespace kiroku::gateway
