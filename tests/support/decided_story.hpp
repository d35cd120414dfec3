// tests/support/decided_story.hpp: what learners do and what they really get for it, by the real policy and decider.
#pragma once

#include <vector>

#include "schemas/gamification/types.hpp"
#include "tests/support/random_story.hpp"

namespace kiroku::test {

/// Registrations, and about `activities` sessions by `learners` learners over some months, by chance but always the
/// same for a seed: of all types, completed and given up, some told days late, in several time zones, each answered
/// with what it earns by `rules`, now and then in another order, and at the end not at all.
std::vector<Told> decided_story(unsigned seed, int learners, int activities, const gamification::RuleBook& rules);

}  // namespace kiroku::test
