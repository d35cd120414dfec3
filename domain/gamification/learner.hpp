// domain/gamification/learner.hpp: what one learner has done, what it has earned, and what the next activity earns.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "domain/core/decider.hpp"
#include "domain/gamification/achievements.hpp"
#include "domain/gamification/streaks.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::gamification {

/// `rules` outlives the decision; those in force are chosen by `now`.
struct Context : DecisionContext {
    const RuleBook& rules;
};

struct Learner {
    Xp total_xp;
    Tally tally;
    Streaks streaks;
    std::set<std::string> unlocked;  ///< achievements, by id
    std::vector<EventId> recorded;   ///< ascending; an activity counts once, however often we hear of it

    bool has_recorded(EventId source) const;
};

/// One activity decides XP, streaks, achievements and levels together, told in this order: the activity; XP for it;
/// each streak that it changed, followed by the milestones that it reached; achievements; and at last the levels that
/// all of it adds up to, each one passed. XP stands behind what it is paid for. What an activity is paid for is decided
/// by the rules of today, even if it happened long ago. Refused: `unknown_timezone`; `score_missing`, if completed
/// without one.
Decision<LearnerEvent, Refusal> decide(const Learner& learner, const RecordActivity& command, const Context& context);

Learner evolve(Learner learner, const LearnerEvent& event);

}  // namespace kiroku::gamification
