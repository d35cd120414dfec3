// tests/unit/gamification/learning.hpp: learners, rules and activities to try things out with.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/gamification/learner.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/support/given.hpp"

namespace kiroku::gamification {

/// Rules that pay nothing, so that only streaks are left to be told.
inline Rules unpaid() {
    return {.version = RulesVersion{1},
            .effective_from = test::at("2000-01-01T00:00:00Z"),
            .base_xp = {},
            .base_percent = 60,
            .percent_per_difficulty = 20,
            .score_weight_percent = 100,
            .first_completion_bonus = Xp{0},
            .milestones = {},
            .achievements = {}};
}

/// A book of one version stays where it is, as long as the program runs.
inline const RuleBook& book_of(Rules rules) {
    static std::deque<RuleBook> shelf;
    return shelf.emplace_back(RuleBook{.versions = {std::move(rules)}});
}

inline Context told_under(const RuleBook& book, Instant now = test::at("2026-06-01T12:00:00Z")) {
    return {test::told(now), book};
}

/// A completed session of difficulty 2, with full marks.
inline RecordActivity completing(std::string_view source, std::string_view occurred_at,
                                 std::string_view timezone = "UTC") {
    return {.source_event_id = test::named<EventId>(source),
            .kind = ActivityKind::completed,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .performance_score = PerformanceScore{100},
            .completion_time = Seconds{1500},
            .occurred_at = test::at(occurred_at),
            .timezone = std::string{timezone}};
}

inline RecordActivity abandoning(std::string_view source, std::string_view occurred_at,
                                 std::string_view timezone = "UTC") {
    auto activity = completing(source, occurred_at, timezone);
    activity.kind = ActivityKind::abandoned;
    activity.performance_score.reset();
    activity.completion_time.reset();
    return activity;
}

inline auto given(std::vector<LearnerEvent> history) { return test::given<Learner>(std::move(history)); }

/// What this learner does, one activity after the other, and the events that come of each.
class Story {
public:
    explicit Story(const RuleBook& book) : context_(told_under(book)) {}

    /// Goes on, and tells what came of it.
    std::vector<LearnerEvent> after(const RecordActivity& activity) {
        auto events = given(history_).when(activity, context_).events();
        history_.insert(history_.end(), events.begin(), events.end());
        return events;
    }

    Learner learner() const { return fold(Learner{}, history_); }

private:
    Context context_;
    std::vector<LearnerEvent> history_;
};

/// Only those of one kind.
template <class Event>
std::vector<Event> only(const std::vector<LearnerEvent>& events) {
    std::vector<Event> some;
    for (const auto& event : events) {
        if (const auto* one = std::get_if<Event>(&event)) some.push_back(*one);
    }
    return some;
}

}  // namespace kiroku::gamification
