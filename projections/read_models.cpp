#include "projections/read_models.hpp"

#include "projections/challenges/challenge_catalogue.hpp"
#include "projections/challenges/challenge_sessions.hpp"
#include "projections/gamification/leaderboard.hpp"
#include "projections/gamification/progress.hpp"
#include "projections/gamification/xp_history.hpp"
#include "projections/identity/accounts.hpp"

namespace kiroku::projections {

std::vector<ReadModel> all_read_models() {
    return {identity::accounts(),     challenges::challenge_catalogue(), challenges::challenge_sessions(),
            gamification::progress(), gamification::xp_history(),        gamification::leaderboard()};
}

}  // namespace kiroku::projections
