// gateway/challenges/routes.hpp: what you can practise, and how practising goes.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_challenge_routes(Router& router);

}  // namespace kiroku::gateway
