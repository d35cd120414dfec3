// gateway/realtime/revoked_sessions.hpp: login sessions that have ended before their access tokens did.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

#include "gateway/core/services.hpp"
#include "gateway/realtime/outbox.hpp"

namespace kiroku::gateway::realtime {

/// Remembers each for `kept` after it was revoked: longer than any token lives. One thread.
class RevokedSessions final : public Revocations {
public:
    explicit RevokedSessions(std::chrono::seconds kept) : kept_(kept) {}

    /// Closes the session's open connections, too.
    void revoke(const SessionId& session, Instant recorded, Instant now);

    /// Closes a user's open connections, in whatever session: what their tokens say of roles is no longer so.
    void end_connections_of(const UserId& user);

    [[nodiscard]] bool is_revoked(const SessionId& session) const override { return revoked_.contains(session); }

    [[nodiscard]] bool known() const override { return known_; }
    /// The past has been read.
    void set_known() { known_ = true; }

    [[nodiscard]] std::chrono::seconds kept() const { return kept_; }
    [[nodiscard]] std::size_t size() const { return revoked_.size(); }

private:
    friend class OpenSession;
    void forget(Instant now);

    std::chrono::seconds kept_;
    bool known_ = false;
    std::unordered_set<SessionId> revoked_;
    std::deque<std::pair<Instant, SessionId>> in_order_;
    struct Open {
        UserId user;
        Outbox* outbox;
    };
    std::multimap<SessionId, Open> open_;
};

/// A connection of a login session; closed with 4403 when the session is revoked, or a role of the user's. Goes before
/// what it refers to.
class OpenSession {
public:
    OpenSession(RevokedSessions& sessions, const SessionId& session, const UserId& user, Outbox& outbox);
    ~OpenSession();
    OpenSession(const OpenSession&) = delete;
    OpenSession& operator=(const OpenSession&) = delete;

private:
    RevokedSessions& sessions_;
    std::multimap<SessionId, RevokedSessions::Open>::iterator place_;
};

}  // namespace kiroku::gateway::realtime
