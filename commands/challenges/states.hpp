// commands/challenges/states.hpp: what challenges and sessions are like, for people who look into them.
#pragma once

#include <string>

#include "domain/challenges/challenge.hpp"
#include "domain/challenges/challenge_session.hpp"

namespace kiroku::challenges {

void write_state(std::string& out, const Challenge& challenge);
void write_state(std::string& out, const ChallengeSession& session);

}  // namespace kiroku::challenges
