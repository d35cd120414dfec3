// gateway/analytics/routes.hpp: the log, for those who study it.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_analytics_routes(Router& router);

}  // namespace kiroku::gateway
