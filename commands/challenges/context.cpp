#include "commands/challenges/context.hpp"

#include "commands/challenges/states.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku::commands {

Context challenges_context() {
    using namespace challenges;
    Context context{"challenges", {}, may_send};
    context.aggregates.push_back(aggregate<Challenge, ChallengeEvent, ChallengeCommand>("challenge"));
    context.aggregates.push_back(
        aggregate<ChallengeSession, ChallengeSessionEvent, ChallengeSessionCommand>("challenge_session"));
    return context;
}

}  // namespace kiroku::commands
