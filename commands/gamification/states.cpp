#include "commands/gamification/states.hpp"

#include "commands/decider/state_writer.hpp"
#include "domain/gamification/experience.hpp"
#include "schemas/gamification/codec.hpp"

namespace kiroku::gamification {
namespace {

using commands::StateWriter;

RawJson completed_by_type(const Tally& tally) {
    RawJson shown{""};
    StateWriter writer{shown.text};
    for (std::size_t type = 0; type < challenge_type_count; ++type)
        writer.member(to_string(static_cast<ChallengeType>(type)), tally.completed_by_type[type]);
    return shown;
}

std::vector<StreakStanding> begun(const Streaks& streaks) {
    std::vector<StreakStanding> standings;
    for (const auto& told : streaks.told)
        if (told) standings.push_back(*told);
    return standings;
}

}  // namespace

void write_state(std::string& out, const Learner& learner) {
    StateWriter{out}
        .member("totalXp", learner.total_xp)
        .member("level", level_of(learner.total_xp))
        .member("activities", static_cast<std::int64_t>(learner.recorded.size()))
        .member("completed", learner.tally.completed())
        .member("completedByType", completed_by_type(learner.tally))
        .member("perfect", learner.tally.perfect)
        .member("hard", learner.tally.hard)
        .member("focusSeconds", learner.tally.focus_seconds)
        .member("streaks", begun(learner.streaks))
        .member("achievements", std::vector(learner.unlocked.begin(), learner.unlocked.end()));
}

}  // namespace kiroku::gamification
