// gateway/realtime/live_streams.hpp: lets a bounded number of clients have streams of server-sent events.
#pragma once

#include <expected>
#include <list>
#include <memory>

#include "gateway/core/metrics.hpp"
#include "gateway/core/problem.hpp"
#include "gateway/realtime/live_stream.hpp"

namespace kiroku::gateway::realtime {

struct LiveStreamLimits {
    std::size_t streams = 1'000;
    std::size_t of_a_user = 8;
    std::chrono::milliseconds heartbeat{15'000};
    Outbox::Bounds outbox;
};

/// One thread.
class LiveStreams {
public:
    LiveStreams(net::io_context& io, Presence& presence, RevokedSessions& revoked, LiveStreamLimits limits)
        : io_(io), presence_(presence), revoked_(revoked), limits_(limits) {}
    ~LiveStreams();
    LiveStreams(const LiveStreams&) = delete;
    LiveStreams& operator=(const LiveStreams&) = delete;

    /// Refused: `too_many_requests` if the user has as many as may be, `overloaded` if all together have.
    std::expected<std::shared_ptr<BodySource>, Problem> open(Hub& hub, const StreamRequest& asked);

    /// All of them end, as their clients are told.
    void close(CloseCode code, const std::string& reason);

    [[nodiscard]] std::size_t size() const;
    void watch(Metrics& metrics) const;

private:
    struct Open {
        UserId user;
        std::weak_ptr<LiveStream> stream;
    };

    net::io_context& io_;
    Presence& presence_;
    RevokedSessions& revoked_;
    LiveStreamLimits limits_;
    std::list<Open> streams_;  // some have ended
    std::uint64_t opened_ = 0, refused_ = 0;
};

}  // namespace kiroku::gateway::realtime
