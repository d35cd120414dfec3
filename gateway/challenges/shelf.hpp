// gateway/challenges/shelf.hpp: what starting a challenge needs to know of it, kept at hand: challenges never change.
#pragma once

#include <optional>
#include <unordered_map>

#include "schemas/challenges/types.hpp"

namespace kiroku::gateway {

struct ShelvedChallenge {
    ChallengeType type{};
    Difficulty difficulty{1};
    std::optional<UserId> owner;  ///< whose own it is; nothing: everybody's
};

/// Bounded. Used on the io thread only.
class ChallengeShelf {
public:
    static constexpr std::size_t most = 10'000;

    /// Null if it isn't at hand, or not for this learner's eyes.
    [[nodiscard]] const ShelvedChallenge* find(const ChallengeId& id, const UserId& learner) const;

    void put(const ChallengeId& id, ShelvedChallenge challenge);

private:
    std::unordered_map<ChallengeId, ShelvedChallenge> challenges_;
};

}  // namespace kiroku::gateway
