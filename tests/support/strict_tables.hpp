// tests/support/strict_tables.hpp: read models whose tables refuse values that the real ones take.
#pragma once

#include <vector>

#include "projections/engine/read_model.hpp"

namespace kiroku::test {

/// All read models but `progress`, whose table refuses a negative total anyway, refuse something here, for good:
///
/// | table | refuses |
/// |---|---|
/// | accounts, leaderboard_names | names that begin with "refused" |
/// | leaderboard | a million XP |
/// | xp_history | reasons that begin with "refused" |
/// | challenge_catalogue | titles that begin with "refused" |
/// | challenge_sessions | sessions of custom challenges |
void make_strict(std::vector<projections::ReadModel>& models);

}  // namespace kiroku::test
