// domain/gamification/policy.hpp: whenever a session has ended, it counts for its learner.
#pragma once

#include <optional>
#include <string_view>

#include "domain/core/policy.hpp"
#include "schemas/challenges/types.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

inline constexpr std::string_view record_activity_policy = "gamification.record_activity";

std::optional<Outgoing<LearnerCommand>> whenever(const challenges::SessionCompleted& event, EventId id);
std::optional<Outgoing<LearnerCommand>> whenever(const challenges::SessionAbandoned& event, EventId id);

}  // namespace kiroku::gamification
