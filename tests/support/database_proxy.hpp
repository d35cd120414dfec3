// tests/support/database_proxy.hpp: stands between a client and PostgreSQL, and fails when it is told to.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "infra/postgres/connection.hpp"

namespace kiroku::test {

/// Listens on a port of its own. One thread serves all connections.
class DatabaseProxy {
public:
    /// Before the real server that `session` names (by TCP).
    explicit DatabaseProxy(const postgres::Session& session);
    ~DatabaseProxy();

    /// The session, by way of the proxy.
    [[nodiscard]] const postgres::Session& session() const { return session_; }

    enum class Cut {
        before_commit,  ///< the next COMMIT doesn't reach the server; both sides are cut off
        after_commit,   ///< the next COMMIT is done, but its answer doesn't come back
    };
    /// Once; the connections that come afterwards are served.
    void cut(Cut when) { cut_ = static_cast<int>(when); }
    [[nodiscard]] bool has_cut() const { return cut_ == none; }

    /// While set, nobody gets through and nobody in.
    void block(bool blocked) { blocked_ = blocked; }

private:
    static constexpr int none = -1;

    void serve(const std::stop_token& stop);

    postgres::Session session_;
    int target_port_ = 0;
    int listener_ = -1;
    std::atomic<int> cut_ = none;
    std::atomic<bool> blocked_ = false;
    std::jthread thread_;
};

}  // namespace kiroku::test
