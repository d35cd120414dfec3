// gateway/contract/operation.hpp: a line of the routing table as OpenAPI tells it.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "gateway/core/route.hpp"

namespace kiroku::gateway::contract {

/// An Operation Object. What it uses of the schemas is remembered in `used`. Throws std::logic_error where the route
/// names a schema that there isn't.
std::string operation(const Route& route, std::set<std::string, std::less<>>& used);

/// `components/parameters` and `components/headers`: those that all operations share.
std::string shared_parameters();
std::string shared_headers();

}  // namespace kiroku::gateway::contract
