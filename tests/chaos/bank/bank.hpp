// tests/chaos/bank/bank.hpp: a context of the fault tests' own: accounts that count and that pay each other.
//
// Money is never made nor lost: what has left one account has reached the other or is on its way there, through a
// policy. A transfer is two events, so a decision that isn't whole would show.
#pragma once

#include "commands/decider/aggregate.hpp"
#include "commands/reactor/policy.hpp"
#include "gateway/core/router.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::bank {

inline constexpr std::int32_t opening_balance = 1'000;  ///< of every account that there could be
inline constexpr std::int32_t poison = 666;             ///< counting by that is a bug: it throws

commands::Context context();
std::vector<commands::Policy> policies();

/// "bank", with a table `bank_accounts`.
projections::ReadModel read_model();

/// POST /bank/{id}/count, POST /bank/{id}/transfer, GET /bank/{id}; open to everybody.
void add_routes(gateway::Router& router);

}  // namespace kiroku::bank
