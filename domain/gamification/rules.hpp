// domain/gamification/rules.hpp: which rules are in force, what they pay, and whether they make sense.
#pragma once

#include <optional>
#include <string>

#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

/// No single rule pays more than this: no sum overflows, and no activity passes more than some hundred levels.
inline constexpr Xp max_rule_xp{100'000};

/// What is wrong with a rule book, as a sentence for whoever wrote it; nothing if it can be played by. Beyond its
/// schema: there is a version, versions ascend and take effect one after the other, XP are 0 to `max_rule_xp`, each
/// streak's milestones ascend from 1 on, achievement ids are unique, a goal has a threshold and names a challenge type
/// if and only if its measure counts one. Check a book before anything is decided by it.
std::optional<std::string> flaw_in(const RuleBook& book);

/// The latest version that is in force at `now`; before all of them, the first. Later rules never change what was paid.
const Rules& rules_at(const RuleBook& book, Instant now);

/// What a completed session pays: the base, times (basePercent + percentPerDifficulty · difficulty) %, times
/// (100 − w + w · score / 100) % with w = scoreWeightPercent; halves are rounded up, in integers throughout.
Xp session_xp(const Rules& rules, ChallengeType type, Difficulty difficulty, PerformanceScore score);

}  // namespace kiroku::gamification
