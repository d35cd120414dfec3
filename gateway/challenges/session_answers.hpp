// gateway/challenges/session_answers.hpp: a challenge session in the words of the API.
#pragma once

#include "projections/challenges/challenge_sessions.hpp"
#include "schemas/challenges/http/types.hpp"

namespace kiroku::gateway {

/// As the read model has it.
challenges::http::Session shown(const projections::Shown<challenges::ChallengeSessionRow>& row);

/// As it is right after its start.
challenges::http::Session shown(const ChallengeSessionId& id, const challenges::SessionStarted& event);

}  // namespace kiroku::gateway
