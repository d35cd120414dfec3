// domain/challenges/challenge_session.hpp: one person's attempt at one challenge, from its start to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/core/decider.hpp"
#include "schemas/challenges/types.hpp"

namespace kiroku::challenges {

/// A client's clock may be ahead by this much; what it dates there counts as now.
inline constexpr std::chrono::seconds clock_tolerance{5};
/// How many distractions one session keeps.
inline constexpr std::size_t max_distractions = 1000;

struct ChallengeSession {
    enum class Stage { not_started, in_progress, completed, abandoned };

    Stage stage = Stage::not_started;
    std::optional<SessionStarted> started;
    std::optional<std::string> current_phase;
    std::vector<DistractionEvent> distractions;
    std::optional<RawJson> data;  ///< as the client left it: timer states, answers
};

/// Again by the same user for the same challenge: nothing. Refused: `session_exists`, `unknown_timezone`;
/// `session_not_found`, for somebody else.
Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const StartSession& command,
                                                const DecisionContext& context);

/// Records what is new in it, nothing if nothing is: a phone may send its whole list again. Refused:
/// `session_not_found` (also if it is somebody else's), `session_already_completed`, `session_abandoned`,
/// `too_many_distractions`.
Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const RecordProgress& command,
                                                const DecisionContext& context);

/// `occurredAt` may lie before the session's start (the phone was offline), as far back as the command allows. Refused:
/// as progress, `occurred_too_long_ago`, `occurred_in_the_future`.
Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const CompleteSession& command,
                                                const DecisionContext& context);

/// Abandoned already: nothing. Refused: `session_not_found`, `session_already_completed`.
Decision<ChallengeSessionEvent, Refusal> decide(const ChallengeSession& session, const AbandonSession& command,
                                                const DecisionContext& context);

ChallengeSession evolve(ChallengeSession session, const ChallengeSessionEvent& event);

}  // namespace kiroku::challenges
