// gateway/routes.hpp: all routes that there are.
#pragma once

#include "gateway/analytics/routes.hpp"
#include "gateway/challenges/routes.hpp"
#include "gateway/contract/routes.hpp"
#include "gateway/core/operations.hpp"
#include "gateway/gamification/routes.hpp"
#include "gateway/identity/routes.hpp"
#include "gateway/realtime/routes.hpp"

namespace kiroku::gateway {

inline void add_all_routes(Router& router) {
    add_operations_routes(router);
    add_identity_routes(router);
    add_challenge_routes(router);
    add_gamification_routes(router);
    add_analytics_routes(router);
    add_realtime_routes(router);
    add_contract_routes(router);
}

}  // namespace kiroku::gateway
