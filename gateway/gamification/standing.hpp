// gateway/gamification/standing.hpp: how a learner stands, in the words of the API, from a row or from one decision.
#pragma once

#include <vector>

#include "infra/log/command.hpp"
#include "projections/gamification/progress.hpp"
#include "schemas/challenges/http/types.hpp"
#include "schemas/gamification/http/types.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gateway {

/// GET /me/progress. Whether a streak still runs depends on `now`.
gamification::http::ProgressResponse progress_response(const gamification::ProgressRow& row, Instant now,
                                                       const gamification::RuleBook& rules);

/// What one completed session came to, from the events of the decision on it alone, so that it is the same whenever it
/// is told. Null if they aren't such a decision's.
std::optional<challenges::http::Reward> reward_of(const std::vector<log::ReplyEvent>& events,
                                                  const gamification::RuleBook& rules);

}  // namespace kiroku::gateway
