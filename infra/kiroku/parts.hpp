// infra/kiroku/parts.hpp: what the program is made of. The fault tests link another list, with a context of their own.
#pragma once

#include <string_view>
#include <vector>

#include "commands/decider/aggregate.hpp"
#include "commands/reactor/policy.hpp"
#include "domain/gamification/rules.hpp"
#include "gateway/core/router.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku {

std::vector<std::string_view> context_names();
std::vector<commands::Context> contexts(gamification::RuleBook rules);
std::vector<commands::Policy> policies();
std::vector<projections::ReadModel> read_models();
void add_routes(gateway::Router& router);

}  // namespace kiroku
