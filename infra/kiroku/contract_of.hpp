// infra/kiroku/contract_of.hpp: the contract of all that the program is made of.
#pragma once

#include "gateway/contract/contract.hpp"
#include "infra/kiroku/parts.hpp"

namespace kiroku {

/// `use(parts)`, with what parts.hpp lists.
template <class Use>
auto with_parts(const gateway::Router& router, Use use) {
    const auto contexts = context_names();
    const auto models = read_models();
    const auto all_policies = policies();
    return use(gateway::contract::Parts{router, contexts, models, all_policies});
}

inline gateway::Contract contract_of(const gateway::Router& router) {
    return with_parts(router, [](const gateway::contract::Parts& parts) { return gateway::Contract{parts}; });
}

}  // namespace kiroku
