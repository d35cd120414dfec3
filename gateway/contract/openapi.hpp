// gateway/contract/openapi.hpp: the HTTP API in OpenAPI 3.1, from the routing table and the schemas.
#pragma once

#include <string>

#include "gateway/core/router.hpp"

namespace kiroku::gateway::contract {

/// The version of all that clients see, in both documents.
inline constexpr std::string_view contract_version = "1.0.0";

/// Each route is an operation; nothing else is. Throws std::logic_error where a route names a schema that there isn't.
std::string openapi(const Router& router);

}  // namespace kiroku::gateway::contract
