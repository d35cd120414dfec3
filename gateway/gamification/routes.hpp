// gateway/gamification/routes.hpp: how far you are, what for, and where that puts you among others.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_gamification_routes(Router& router);

}  // namespace kiroku::gateway
