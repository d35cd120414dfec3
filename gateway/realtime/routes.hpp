// gateway/realtime/routes.hpp: what happens, for those who can't do WebSocket.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_realtime_routes(Router& router);

}  // namespace kiroku::gateway
