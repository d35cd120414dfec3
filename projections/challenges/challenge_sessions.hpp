// projections/challenges/challenge_sessions.hpp: "what have I practised, and how did it go?"
#pragma once

#include <optional>
#include <string>

#include "infra/postgres/read.hpp"
#include "projections/engine/keyset.hpp"
#include "projections/engine/read_model.hpp"
#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

struct ChallengeSessionRow {
    ChallengeSessionId session;
    UserId user;
    ChallengeId challenge;
    ChallengeType challenge_type{};
    Difficulty difficulty{1};
    SessionStatus status = SessionStatus::in_progress;
    std::optional<std::string> current_phase;
    Instant started_at;
    std::optional<Instant> completed_at;  ///< when it was completed or abandoned, by the learner's clock
    std::optional<PerformanceScore> performance_score;
    std::optional<Seconds> completion_time;
    RawJson session_data{"{}"};              ///< the latest there was: an object
    RawJson distraction_events{"[]"};        ///< an array of {at, kind, note?}, in the order they were told
    std::optional<RawJson> biometric_insights;
    Instant updated_at;

    bool operator==(const ChallengeSessionRow&) const = default;
};

projections::ReadModel challenge_sessions();

/// Nothing if there is no such session, or it is another learner's.
std::optional<ChallengeSessionRow> session_of(postgres::Read& read, const UserId& learner, const ChallengeSessionId& session);

/// A learner's sessions, latest start first.
projections::Page<ChallengeSessionRow> sessions_of(postgres::Read& read, const UserId& learner,
                                                   const std::optional<projections::Keyset>& after, int limit);

}  // namespace kiroku::challenges
