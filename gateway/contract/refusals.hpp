// gateway/contract/refusals.hpp: every way in which a route can say no.
#pragma once

#include <map>
#include <vector>

#include "gateway/core/route.hpp"

namespace kiroku::gateway::contract {

/// What the route names itself, and what follows from its method, permission, query, body and read models. By status,
/// in the order of the codes' importance to a reader: the route's own first. A code stands there once.
std::map<int, std::vector<RefusalEntry>> refusals_of(const Route& route);

}  // namespace kiroku::gateway::contract
