// domain/gamification/policy.cpp: from the end of a session to one command for everything that it earns.
#include "domain/gamification/policy.hpp"

namespace kiroku::gamification {

std::optional<Outgoing<LearnerCommand>> whenever(const challenges::SessionCompleted& event, EventId id) {
    return Outgoing<LearnerCommand>{.aggregate = event.user_id.value,
                                    .command = RecordActivity{.source_event_id = id,
                                                              .kind = ActivityKind::completed,
                                                              .challenge_type = event.challenge_type,
                                                              .difficulty = event.difficulty,
                                                              .performance_score = event.performance_score,
                                                              .completion_time = event.completion_time,
                                                              .occurred_at = event.occurred_at,
                                                              .timezone = event.timezone}};
}

std::optional<Outgoing<LearnerCommand>> whenever(const challenges::SessionAbandoned& event, EventId id) {
    return Outgoing<LearnerCommand>{.aggregate = event.user_id.value,
                                    .command = RecordActivity{.source_event_id = id,
                                                              .kind = ActivityKind::abandoned,
                                                              .challenge_type = event.challenge_type,
                                                              .difficulty = event.difficulty,
                                                              .occurred_at = event.occurred_at,
                                                              .timezone = event.timezone}};
}

}  // namespace kiroku::gamification
