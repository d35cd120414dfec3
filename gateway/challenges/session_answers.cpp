// gateway/challenges/session_answers.cpp: a challenge session in the words of the API.
#include "gateway/challenges/session_answers.hpp"

namespace kiroku::gateway {

challenges::http::Session shown(const projections::Shown<challenges::ChallengeSessionRow>& row) {
    return {.id = row.session,
            .challenge_id = row.challenge,
            .user_id = row.user,
            .status = row.status,
            .start_time = row.started_at,
            .current_phase = row.current_phase,
            .distraction_events = row.distraction_events,
            .session_data = row.session_data,
            .performance_score = row.performance_score,
            .completion_time = row.completion_time,
            .completed_at = row.completed_at,
            .abandon_reason = row.abandon_reason,
            .incomplete = row.incomplete ? std::optional{true} : std::nullopt};
}

challenges::http::Session shown(const ChallengeSessionId& id, const challenges::SessionStarted& event) {
    return {.id = id,
            .challenge_id = event.challenge_id,
            .user_id = event.user_id,
            .status = challenges::SessionStatus::in_progress,
            .start_time = event.started_at,
            .current_phase = event.current_phase,
            .distraction_events = {}};
}

}  // namespace kiroku::gateway
