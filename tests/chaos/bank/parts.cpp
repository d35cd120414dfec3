// tests/chaos/bank/parts.cpp: what the program is made of under fire: all that there is, and the bank.
#include "infra/kiroku/parts.hpp"

#include "commands/contexts.hpp"
#include "gateway/routes.hpp"
#include "projections/read_models.hpp"
#include "tests/chaos/bank/bank.hpp"

namespace kiroku {

std::vector<std::string_view> context_names() {
    std::vector<std::string_view> names{commands::context_names.begin(), commands::context_names.end()};
    names.emplace_back("bank");
    return names;
}

std::vector<commands::Context> contexts(gamification::RuleBook rules) {
    auto all = commands::all_contexts(std::move(rules));
    all.push_back(bank::context());
    return all;
}

std::vector<commands::Policy> policies() {
    auto all = commands::all_policies();
    for (auto& policy : bank::policies()) all.push_back(std::move(policy));
    return all;
}

std::vector<projections::ReadModel> read_models() {
    auto all = projections::all_read_models();
    all.push_back(bank::read_model());
    return all;
}

void add_routes(gateway::Router& router) {
    gateway::add_all_routes(router);
    bank::add_routes(router);
}

}  // namespace kiroku
