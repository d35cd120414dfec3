#include "infra/kiroku/parts.hpp"

#include "commands/contexts.hpp"
#include "gateway/routes.hpp"
#include "projections/read_models.hpp"

namespace kiroku {

std::vector<std::string_view> context_names() {
    return {commands::context_names.begin(), commands::context_names.end()};
}

std::vector<commands::Context> contexts(gamification::RuleBook rules) {
    return commands::all_contexts(std::move(rules));
}

std::vector<commands::Policy> policies() { return commands::all_policies(); }

std::vector<projections::ReadModel> read_models() { return projections::all_read_models(); }

void add_routes(gateway::Router& router) { gateway::add_all_routes(router); }

}  // namespace kiroku
