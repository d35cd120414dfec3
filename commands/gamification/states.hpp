// commands/gamification/states.hpp: what learners have, for people who look into it.
#pragma once

#include <string>

#include "domain/gamification/learner.hpp"

namespace kiroku::gamification {

void write_state(std::string& out, const Learner& learner);

}  // namespace kiroku::gamification
