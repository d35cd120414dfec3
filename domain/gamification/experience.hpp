// domain/gamification/experience.hpp: how XP make a level.
#pragma once

#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

/// Nobody gets beyond: far above any human life, far below what a program in a browser still counts exactly.
inline constexpr Xp max_total_xp{1'000'000'000'000'000};

/// Level L begins at T(L) = 50·L·(L−1) XP: 0, 100, 300, 600, 1000 …
Xp threshold_of(Level level);

/// The level that a total (0 ≤ total) lies in: L = ⌊(1 + √(1 + 4·⌊total/50⌋)) / 2⌋, in integers throughout.
Level level_of(Xp total);

}  // namespace kiroku::gamification
