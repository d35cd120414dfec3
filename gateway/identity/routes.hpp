// gateway/identity/routes.hpp: who you are: registration, sessions, your account.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_identity_routes(Router& router);

}  // namespace kiroku::gateway
