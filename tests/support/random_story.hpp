// tests/support/random_story.hpp: what many learners do, by chance but always the same for a seed.
#pragma once

#include <random>
#include <vector>

#include "tests/support/happened.hpp"

namespace kiroku::test {

/// A decision: events of one aggregate that are recorded together.
using Told = std::vector<Happened>;

/// Decisions of all contexts that read models read, each aggregate's in their order: registrations, challenges,
/// sessions with progress and ends, and what they earn. About `decisions` of them, by `learners` learners, over some
/// weeks.
std::vector<Told> random_story(unsigned seed, int learners, int decisions);

}  // namespace kiroku::test
