// gateway/contract/components.hpp: finds schemas for the contract's documents, with all that they refer to.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "schemas/components.hpp"

namespace kiroku::gateway::contract {

/// The schema of a wire type ("challenges/http/session.v1"). Throws std::logic_error: there is none.
const schemas::Component& component_of(std::string_view type);

/// {"$ref":"#/components/schemas/…"}, and the name is remembered in `used`.
std::string schema_ref(std::string_view type, std::set<std::string, std::less<>>& used);

/// `components/schemas`: those used, and those that they refer to.
std::string schemas_used(const std::set<std::string, std::less<>>& used);

}  // namespace kiroku::gateway::contract
