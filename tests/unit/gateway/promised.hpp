// tests/unit/gateway/promised.hpp: the contract of all that there is.
#pragma once

#include "commands/contexts.hpp"
#include "gateway/contract/contract.hpp"
#include "projections/read_models.hpp"

namespace kiroku::test {

inline gateway::Contract contract_of(const gateway::Router& router) {
    const auto models = projections::all_read_models();
    const auto policies = commands::all_policies();
    return gateway::Contract{gateway::contract::Parts{router, commands::context_names, models, policies}};
}

}  // namespace kiroku::test
