// domain/gamification/learner.cpp: one activity, and everything that it earns.
#include "domain/gamification/learner.hpp"

#include <algorithm>

#include "domain/core/local_time.hpp"
#include "domain/gamification/experience.hpp"
#include "domain/gamification/reasons.hpp"
#include "domain/gamification/rules.hpp"

namespace kiroku::gamification {
namespace {

/// A decision in the making: whatever is told is known to what follows.
class Telling {
public:
    Telling(const Learner& learner, const Rules& rules, const ActivityRecorded& activity)
        : learner_(learner), rules_(rules), activity_(activity) {
        tell(activity);
    }

    void tell_session();
    void tell_streaks();
    void tell_achievements();
    void tell_levels(Level before);

    std::vector<LearnerEvent> events() && { return std::move(events_); }

private:
    void tell(LearnerEvent event);
    void pay(Reason reason, Xp amount);
    void tell_milestones(StreakType type, StreakCount longest_before);
    bool unlock_next();

    Learner learner_;
    const Rules& rules_;
    const ActivityRecorded& activity_;
    std::vector<LearnerEvent> events_;
};

void Telling::tell(LearnerEvent event) {
    learner_ = evolve(std::move(learner_), event);
    events_.push_back(std::move(event));
}

void Telling::pay(Reason reason, Xp amount) {
    const Xp paid{std::min(amount.value, max_total_xp.value - learner_.total_xp.value)};
    if (paid.value <= 0) return;
    const AwardId id{uuid_v5(activity_.source_event_id.value, reason.rule)};
    tell(XpAwarded{.award_id = id,
                   .source_event_id = activity_.source_event_id,
                   .rule = std::move(reason.rule),
                   .rules_version = rules_.version,
                   .amount = paid,
                   .total_xp = Xp{learner_.total_xp.value + paid.value},
                   .reason = std::move(reason.text),
                   .occurred_at = activity_.occurred_at});
}

void Telling::tell_session() {
    pay(for_session(activity_),
        session_xp(rules_, activity_.challenge_type, activity_.difficulty, *activity_.performance_score));
    if (learner_.tally.completed() == 1) pay(for_first_completion(), rules_.first_completion_bonus);
}

void Telling::tell_streaks() {
    for (const auto type : streak_types) {
        const auto longest_before = learner_.streaks.longest(type);
        for (auto& event : news(learner_.streaks, type, activity_)) tell(std::move(event));
        tell_milestones(type, longest_before);
    }
}

void Telling::tell_milestones(StreakType type, StreakCount longest_before) {
    const auto longest = learner_.streaks.longest(type);
    for (const auto& milestone : rules_.milestones) {
        if (milestone.streak_type != type || milestone.count <= longest_before || milestone.count > longest) continue;
        tell(StreakMilestoneReached{.streak_type = type, .milestone = milestone.count});
        pay(for_milestone(milestone), milestone.xp.value_or(Xp{0}));
    }
}

/// An achievement's XP may reach the level that the next one asks for, so each is looked for afresh.
void Telling::tell_achievements() {
    while (unlock_next()) {
    }
}

bool Telling::unlock_next() {
    const auto next = std::ranges::find_if(rules_.achievements, [&](const AchievementRule& achievement) {
        return !learner_.unlocked.contains(achievement.id) && is_reached(achievement.goal, learner_);
    });
    if (next == rules_.achievements.end()) return false;
    tell(AchievementUnlocked{.achievement_id = next->id, .rarity = next->rarity, .title = next->title});
    pay(for_achievement(*next), next->xp.value_or(Xp{0}));
    return true;
}

void Telling::tell_levels(Level before) {
    const auto after = level_of(learner_.total_xp);
    for (Level level{before.value + 1}; level <= after; ++level.value) tell(LevelReached{.level = level});
}

/// What the learner has so far; nothing before the first activity.
std::optional<Standing> standing_of(const Learner& learner) {
    if (learner.recorded.empty()) return std::nullopt;
    Standing standing{.total_xp = learner.total_xp, .streaks = {}};
    for (const auto& streak : learner.streaks.told) {
        if (streak) standing.streaks.push_back(*streak);
    }
    return standing;
}

}  // namespace

bool Learner::has_recorded(EventId source) const { return std::ranges::binary_search(recorded, source); }

Decision<LearnerEvent, Refusal> decide(const Learner& learner, const RecordActivity& command, const Context& context) {
    if (learner.has_recorded(command.source_event_id)) return {};
    if (command.kind == ActivityKind::completed && !command.performance_score)
        return std::unexpected(Refusal::score_missing);
    const auto day = local_date(command.occurred_at, command.timezone);
    if (!day) return std::unexpected(Refusal::unknown_timezone);

    const ActivityRecorded activity{.source_event_id = command.source_event_id,
                                    .kind = command.kind,
                                    .challenge_type = command.challenge_type,
                                    .difficulty = command.difficulty,
                                    .performance_score = command.performance_score,
                                    .completion_time = command.completion_time,
                                    .occurred_at = command.occurred_at,
                                    .local_date = *day,
                                    .timezone = command.timezone,
                                    .before = standing_of(learner)};
    Telling telling{learner, rules_at(context.rules, context.now), activity};
    const bool earns = command.kind == ActivityKind::completed;
    if (earns) telling.tell_session();
    telling.tell_streaks();
    if (earns) telling.tell_achievements();
    telling.tell_levels(level_of(learner.total_xp));
    return std::move(telling).events();
}

Learner evolve(Learner learner, const LearnerEvent& event) {
    std::visit(overload{
                   [&](const ActivityRecorded& e) {
                       learner.recorded.insert(std::ranges::upper_bound(learner.recorded, e.source_event_id),
                                               e.source_event_id);
                       note(learner.tally, e);
                       note(learner.streaks, e);
                   },
                   [&](const XpAwarded& e) { learner.total_xp = e.total_xp; },
                   [](const LevelReached&) {},  // follows from the total; told for those who read the log
                   [&](const StreakExtended& e) { note(learner.streaks, e); },
                   [&](const StreakEnded& e) { note(learner.streaks, e); },
                   [](const StreakMilestoneReached&) {},  // follows from the longest run, which never falls
                   [&](const AchievementUnlocked& e) { learner.unlocked.insert(e.achievement_id); },
               },
               event);
    return learner;
}

}  // namespace kiroku::gamification
