// gateway/realtime/live_stream.hpp: what happens, as a body of server-sent events, for one who can't do WebSocket.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/core/body_source.hpp"
#include "gateway/core/caller.hpp"
#include "gateway/realtime/listening.hpp"
#include "gateway/realtime/revoked_sessions.hpp"

namespace kiroku::gateway::realtime {

/// What a client asked for: all of it is theirs to hear.
struct StreamRequest {
    UserId user;
    SessionId session;
    Instant until;  ///< the token's end
    std::vector<Channel> channels;
    std::string last_event_id;  ///< as the client sent it; empty: it didn't
};

/// The hub's messages, each as an event of its `type`. An event's id holds the latest position of each channel, in the
/// order in which they were asked for. One thread.
class LiveStream final : public BodySource {
public:
    struct Pace {
        std::chrono::milliseconds heartbeat{15'000};
        std::chrono::milliseconds come_back{1'000};  ///< what its client waits before it asks again
    };

    LiveStream(net::io_context& io, Hub& hub, Presence& presence, RevokedSessions& revoked, Outbox::Bounds bounds,
               Pace pace, const StreamRequest& asked);
    ~LiveStream() override;

    Task<std::string> next() override;
    void give_up() override;

    /// Ends it with an event that says why, once what is queued is sent.
    void close(CloseCode code, std::string reason) { outbox_.close(code, std::move(reason)); }

    /// Ends it at once. What it refers to isn't needed any more then.
    void end();

private:
    using Clock = std::chrono::steady_clock;

    std::string take_some();
    void tell(std::string& piece, const std::string& message);
    void say_goodbye(std::string& piece);
    Task<void> wait();
    [[nodiscard]] std::string id() const;

    net::steady_timer timer_;
    Pace pace_;
    Instant until_;
    Clock::time_point next_beat_;
    Outbox outbox_;
    std::vector<std::pair<std::string, std::string>> positions_;  // of each channel, by name
    std::unique_ptr<OpenSession> session_;
    std::vector<Listening> channels_;
    bool greeted_ = false;
    bool over_ = false;  // nothing comes any more
};

}  // namespace kiroku::gateway::realtime
