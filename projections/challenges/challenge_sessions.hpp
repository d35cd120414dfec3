// projections/challenges/challenge_sessions.hpp: "what have I practised, and how did it go?"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/keyset.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/reads.hpp"
#include "projections/engine/shown.hpp"
#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

struct ChallengeSessionRow {
    ChallengeSessionId session;
    UserId user;
    ChallengeId challenge;
    ChallengeType challenge_type{};
    Difficulty difficulty{1};
    SessionStatus status = SessionStatus::in_progress;
    std::string current_phase;
    Instant started_at;
    std::optional<Instant> completed_at;  ///< when it was completed, by the learner's clock
    std::optional<Instant> abandoned_at;
    std::optional<AbandonReason> abandon_reason;  ///< unspecified also where nobody was asked
    std::optional<PerformanceScore> performance_score;
    std::optional<Seconds> completion_time;
    std::optional<RawJson> session_data;               ///< the latest that was told: an object
    std::vector<DistractionEvent> distraction_events;  ///< in the order in which they were told
    std::optional<RawJson> biometric_insights;         ///< nobody tells any yet
    Instant updated_at;
    std::int64_t version = 0;  ///< the aggregate's

    bool operator==(const ChallengeSessionRow&) const = default;
};

struct SessionFold {
    using Row = ChallengeSessionRow;
    using Key = ChallengeSessionId;
    using Meta = projections::Meta;
    using Events = projections::Reads<SessionStarted, SessionProgressed, SessionCompleted, SessionAbandoned>;

    static const projections::Table<Row>& table();
    static Row start(const Key& session);
    static Key key_of(const Row& row) { return row.session; }
    static Key keys(const auto&, const Meta& meta) { return ChallengeSessionId{meta.aggregate}; }

    static void fold(Row& row, const SessionStarted& event, const Meta& meta);
    static void fold(Row& row, const SessionProgressed& event, const Meta& meta);
    static void fold(Row& row, const SessionCompleted& event, const Meta& meta);
    static void fold(Row& row, const SessionAbandoned& event, const Meta& meta);
};

projections::ReadModel challenge_sessions();

/// Nothing if there is no such session, or it is another learner's.
std::optional<projections::Shown<ChallengeSessionRow>> session_of(postgres::Read& read, const UserId& learner,
                                                                  const ChallengeSessionId& session);

/// A learner's sessions, by when they began.
projections::Page<projections::Shown<ChallengeSessionRow>> sessions_of(postgres::Read& read, const UserId& learner,
                                                                       const projections::Cut& cut);

}  // namespace kiroku::challenges
