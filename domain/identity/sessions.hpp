// domain/identity/sessions.hpp: where a user is logged in, and which refresh token is good there.
//
// All login sessions of a user are one aggregate, so "log out everywhere" is one decision. A session's refresh tokens
// are numbered: each is good once and is traded for the next one. A number traded before comes either from a client
// whose answer got lost, or from a thief; the grace tells them apart.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "domain/core/decider.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

/// One more displaces the session that was started first.
inline constexpr std::size_t max_live_sessions = 50;
/// How long after a rotation, to the millisecond and inclusive, the token traded last may be shown again.
inline constexpr std::chrono::seconds refresh_grace{10};

struct LiveSession {
    SessionId id;
    Generation generation;                ///< of the refresh token that is good now
    std::optional<Instant> rotated_at{};  ///< nothing: never yet
};

struct Sessions {
    std::vector<LiveSession> live;  ///< in the order in which they were started
};

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const StartSession& command,
                                        const DecisionContext& context);

/// Within the grace the parent of the good token gets no event: its client is given the same child again. Any other
/// token but the good one was stolen, or its child was: the session is revoked. Refused: `session_not_live`.
Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RotateRefresh& command,
                                        const DecisionContext& context);

/// Refused: `unknown_user`, where a user would end what is another one's.
Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RevokeSession& command,
                                        const DecisionContext& context);

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RevokeAllSessions& command,
                                        const DecisionContext& context);

Sessions evolve(Sessions sessions, const SessionsEvent& event);

}  // namespace kiroku::identity
