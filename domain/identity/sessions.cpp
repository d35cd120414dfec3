// domain/identity/sessions.cpp: starting, rotating and revoking.
#include "domain/identity/sessions.hpp"

#include <algorithm>

namespace kiroku::identity {
namespace {

const LiveSession* find(const Sessions& sessions, SessionId id) {
    const auto found = std::ranges::find(sessions.live, id, &LiveSession::id);
    return found == sessions.live.end() ? nullptr : &*found;
}

bool is_parent_within_grace(const LiveSession& session, Generation presented, Instant now) {
    return session.rotated_at && presented.value == session.generation.value - 1 &&
           now - *session.rotated_at <= refresh_grace;
}

SessionRevoked revoked(SessionId id, RevocationReason reason) { return {.session_id = id, .reason = reason}; }

}  // namespace

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const StartSession& command, const DecisionContext&) {
    if (find(sessions, command.session_id) != nullptr) return {};
    std::vector<SessionsEvent> events;
    if (sessions.live.size() >= max_live_sessions) {
        events.push_back(revoked(sessions.live.front().id, RevocationReason::displaced));
    }
    events.push_back(SessionStarted{.session_id = command.session_id, .generation = Generation{1}});
    return events;
}

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RotateRefresh& command,
                                        const DecisionContext& context) {
    const auto* session = find(sessions, command.session_id);
    if (session == nullptr) return std::unexpected(Refusal::session_not_live);
    if (command.generation == session->generation) {
        return std::vector<SessionsEvent>{RefreshRotated{.session_id = session->id,
                                                         .generation = Generation{session->generation.value + 1},
                                                         .rotated_at = context.now}};
    }
    if (is_parent_within_grace(*session, command.generation, context.now)) return {};
    return std::vector<SessionsEvent>{
        RefreshReuseDetected{
            .session_id = session->id, .presented = command.generation, .current = session->generation},
        revoked(session->id, RevocationReason::refresh_reuse)};
}

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RevokeSession& command,
                                        const DecisionContext& context) {
    if (context.is_foreign(UserId{context.aggregate})) return std::unexpected(Refusal::unknown_user);
    if (find(sessions, command.session_id) == nullptr) return {};
    return std::vector<SessionsEvent>{revoked(command.session_id, RevocationReason::logout)};
}

Decision<SessionsEvent, Refusal> decide(const Sessions& sessions, const RevokeAllSessions&,
                                        const DecisionContext& context) {
    if (context.is_foreign(UserId{context.aggregate})) return std::unexpected(Refusal::unknown_user);
    std::vector<SessionsEvent> events;
    for (const auto& session : sessions.live)
        events.push_back(revoked(session.id, RevocationReason::logout_everywhere));
    return events;
}

Sessions evolve(Sessions sessions, const SessionsEvent& event) {
    std::visit(
        overload{
            [&](const SessionStarted& e) { sessions.live.push_back({.id = e.session_id, .generation = e.generation}); },
            [&](const RefreshRotated& e) {
                const auto session = std::ranges::find(sessions.live, e.session_id, &LiveSession::id);
                if (session == sessions.live.end()) return;
                session->generation = e.generation;
                session->rotated_at = e.rotated_at;
            },
            [](const RefreshReuseDetected&) {},  // told to those who watch over accounts; the revocation follows
            [&](const SessionRevoked& e) {
                std::erase_if(sessions.live, [&](const LiveSession& session) { return session.id == e.session_id; });
            },
        },
        event);
    return sessions;
}

}  // namespace kiroku::identity
