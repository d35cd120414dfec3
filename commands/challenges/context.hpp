// commands/challenges/context.hpp: what challenges decide.
#pragma once

#include "commands/decider/aggregate.hpp"

namespace kiroku::commands {

Context challenges_context();

}  // namespace kiroku::commands
