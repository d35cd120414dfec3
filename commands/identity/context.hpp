// commands/identity/context.hpp: what identity decides, and what follows from it.
#pragma once

#include <vector>

#include "commands/decider/aggregate.hpp"
#include "commands/reactor/policy.hpp"

namespace kiroku::commands {

Context identity_context();
std::vector<Policy> identity_policies();

}  // namespace kiroku::commands
