// gateway/realtime/revoked_sessions.cpp: login sessions that have ended before their access tokens did.
#include "gateway/realtime/revoked_sessions.hpp"

namespace kiroku::gateway::realtime {
namespace {

void close(Outbox& outbox) { outbox.close(CloseCode::forbidden, "the login session has ended"); }

}  // namespace

void RevokedSessions::revoke(const SessionId& session, Instant recorded, Instant now) {
    forget(now);
    if (recorded + kept_ < now || !revoked_.insert(session).second) return;
    in_order_.emplace_back(recorded, session);
    const auto [first, last] = open_.equal_range(session);
    for (auto open = first; open != last; ++open) close(*open->second.outbox);
}

void RevokedSessions::end_connections_of(const UserId& user) {
    for (const auto& [session, open] : open_) {
        if (open.user == user) open.outbox->close(CloseCode::forbidden, "a role was revoked: refresh the token");
    }
}

void RevokedSessions::forget(Instant now) {
    while (!in_order_.empty() && in_order_.front().first + kept_ < now) {
        revoked_.erase(in_order_.front().second);
        in_order_.pop_front();
    }
}

OpenSession::OpenSession(RevokedSessions& sessions, const SessionId& session, const UserId& user, Outbox& outbox)
    : sessions_(sessions), place_(sessions.open_.emplace(session, RevokedSessions::Open{user, &outbox})) {
    if (sessions.is_revoked(session)) close(outbox);
}

OpenSession::~OpenSession() { sessions_.open_.erase(place_); }

}  // namespace kiroku::gateway::realtime
