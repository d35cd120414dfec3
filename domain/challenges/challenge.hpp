// domain/challenges/challenge.hpp: an exercise in the catalogue, or one that somebody made for themselves.
#pragma once

#include <optional>

#include "domain/core/decider.hpp"
#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

struct Challenge {
    std::optional<ChallengeCreated> created;
};

/// Refused: `challenge_exists`, with other content under the same id; `challenge_not_found`, if a user makes one for
/// others.
Decision<ChallengeEvent, Refusal> decide(const Challenge& challenge, const CreateChallenge& command,
                                         const DecisionContext& context);

Challenge evolve(Challenge challenge, const ChallengeEvent& event);

}  // namespace kiroku::challenges
