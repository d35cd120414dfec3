// domain/gamification/achievements.hpp: what a learner has done so far, measured against goals.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

struct Learner;

inline constexpr std::size_t challenge_type_count = 1 + static_cast<std::size_t>(ChallengeType::custom);
/// From here on a session is a hard one.
inline constexpr Difficulty hard_difficulty{4};

/// Counts of completed sessions; those given up count nowhere.
struct Tally {
    std::array<std::int64_t, challenge_type_count> completed_by_type{};
    std::int64_t perfect = 0;  ///< with a score of 100
    std::int64_t hard = 0;     ///< of at least `hard_difficulty`
    std::int64_t focus_seconds = 0;

    std::int64_t completed() const;
    std::int64_t types_tried() const;
};

void note(Tally& tally, const ActivityRecorded& activity);

/// Whether the learner has got as far as the goal asks.
bool is_reached(const AchievementGoal& goal, const Learner& learner);

}  // namespace kiroku::gamification
