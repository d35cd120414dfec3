// gateway/contract/routes.hpp: /openapi.json, /asyncapi.json, /catalogue and /docs.
#pragma once

#include "gateway/core/router.hpp"

namespace kiroku::gateway {

void add_contract_routes(Router& router);

}  // namespace kiroku::gateway
