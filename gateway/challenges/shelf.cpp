// gateway/challenges/shelf.cpp: what starting a challenge needs to know of it, kept at hand.
#include "gateway/challenges/shelf.hpp"

namespace kiroku::gateway {

const ShelvedChallenge* ChallengeShelf::find(const ChallengeId& id, const UserId& learner) const {
    const auto found = challenges_.find(id);
    if (found == challenges_.end()) return nullptr;
    const ShelvedChallenge& challenge = found->second;
    return !challenge.owner || *challenge.owner == learner ? &challenge : nullptr;
}

void ChallengeShelf::put(const ChallengeId& id, ShelvedChallenge challenge) {
    if (challenges_.size() >= most) challenges_.erase(challenges_.begin());
    challenges_.insert_or_assign(id, challenge);
}

}  // namespace kiroku::gateway
