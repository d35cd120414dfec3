// domain/challenges/challenge.cpp: created once; loading the same catalogue again changes nothing.
#include "domain/challenges/challenge.hpp"

namespace kiroku::challenges {

Decision<ChallengeEvent, Refusal> decide(const Challenge& challenge, const CreateChallenge& command,
                                         const DecisionContext& context) {
    if (context.is_foreign(command.owner)) return std::unexpected(Refusal::challenge_not_found);
    ChallengeCreated created{.challenge_type = command.challenge_type,
                             .title = command.title,
                             .description = command.description,
                             .difficulty = command.difficulty,
                             .estimated_duration = command.estimated_duration,
                             .instructions = command.instructions,
                             .success_criteria = command.success_criteria,
                             .rewards = command.rewards,
                             .created_by = command.created_by,
                             .owner = command.owner};
    if (challenge.created == created) return {};
    if (challenge.created) return std::unexpected(Refusal::challenge_exists);
    return std::vector<ChallengeEvent>{std::move(created)};
}

Challenge evolve(Challenge challenge, const ChallengeEvent& event) {
    std::visit(overload{[&](const ChallengeCreated& e) { challenge.created = e; }}, event);
    return challenge;
}

}  // namespace kiroku::challenges
