// gateway/realtime/realtime.hpp: the gateway's view of what is happening right now: pushes it to WebSockets, tells
// requests what they caused, and knows which login sessions have ended.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/core/access_token.hpp"
#include "gateway/core/audit.hpp"
#include "gateway/core/metrics.hpp"
#include "gateway/core/services.hpp"
#include "gateway/realtime/awaited_decisions.hpp"
#include "gateway/realtime/connection.hpp"
#include "gateway/realtime/event_tail.hpp"
#include "gateway/realtime/hub.hpp"
#include "gateway/realtime/live_streams.hpp"
#include "gateway/realtime/revoked_sessions.hpp"
#include "infra/kafka/broadcast.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku::gateway::realtime {

/// On the io thread, all of it. Must go before the io_context, which isn't run any more then.
class Realtime final : public WebSocketEntry {
public:
    struct Settings {
        History::Bounds history;
        ConversationLimits conversation;
        ConnectionLimits connection;
        LiveStreamLimits streams;
        PresenceLimits presence;
        std::size_t most_connections = 20'000;
        std::chrono::seconds revocations_kept{16 * 60};  ///< longer than an access token lives
        std::vector<std::string> origins;  ///< web pages that may connect, as browsers name them; empty: all
    };

    /// `key` signs positions: the same on every gateway.
    Realtime(net::io_context& io, AccessTokens& tokens, crypto::Secret key, Settings settings);
    ~Realtime() override;

    /// Follows the log in a thread of its own, as long as this lives.
    void follow(EventTail::Settings tail);

    /// Tells the other gateways who is here, and hears who is there; without it there is nobody but those here.
    void share(kafka::Broadcast::Settings signals);

    /// How conversations ask this gateway's routes.
    void ask_by(AskRoute ask) { ask_ = std::move(ask); }

    using Note = std::function<void(const Access&, const Answer&)>;

    /// Calls this with what was refused to whom over WebSockets, as HTTP would have.
    void audit_by(Note note) { note_ = std::move(note); }

    using OnDecision = std::function<void(const PastDecision&, const Partitions&)>;

    /// Calls this, too, with each decision that is read from now on.
    void tell(OnDecision on_decision) { on_decision_ = std::move(on_decision); }

    /// Gets a span for each decision of a sampled trace that somebody was told; may be null.
    void export_to(tracing::Exporter* spans) { spans_ = spans; }

    /// Closes all WebSockets and streams in an orderly way (1012) and takes no more. The log is followed on: requests
    /// that are in flight are answered from it.
    void stop();

    /// Whether the past has been read and the broker answers; before it was, WebSockets are refused.
    [[nodiscard]] bool ready() const { return live_ && (!tail_ || tail_->healthy()); }

    [[nodiscard]] CausedDecisions& caused() { return awaited_; }
    [[nodiscard]] const Revocations& revocations() const { return revoked_; }

    void accept(Transport transport, UpgradeRequest request, std::string early, Visitor visitor) override;

    /// Server-sent events for one who asked over HTTP. Refused: `unavailable` before the past is read, and what
    /// `LiveStreams::open` refuses.
    std::expected<std::shared_ptr<BodySource>, Problem> stream(const StreamRequest& asked);

    [[nodiscard]] std::size_t connections() const { return connections_.size(); }
    [[nodiscard]] std::size_t streams() const { return streams_.size(); }

    /// Adds connections, pushes and what is remembered to `/metrics`. This object must outlive them.
    void watch(Metrics& metrics) const;

    /// What `follow` calls, for tests too: once `begin`, then `take`.
    void begin(Partitions partitions, std::vector<Offset> from);
    void take(const TailBatch& batch);

private:
    [[nodiscard]] std::optional<CoreRefusal> refusal_of(const UpgradeRequest& request, const std::string& early) const;
    [[nodiscard]] bool may_connect(const UpgradeRequest& request) const;
    [[nodiscard]] OnRefused noting(const UpgradeRequest& request, const Visitor& visitor) const;
    void push(const std::shared_ptr<const PastDecision>& decision);
    void tick();
    void watch_sharing(Metrics& metrics) const;

    net::io_context& io_;
    AccessTokens& tokens_;
    crypto::Secret key_;
    Settings settings_;
    RevokedSessions revoked_;
    AwaitedDecisions awaited_;
    AskRoute ask_ = [](RawRequest, const std::function<void(Response)>&) {};
    Note note_ = [](const Access&, const Answer&) {};
    PublishCounts published_;
    Presence presence_;
    net::steady_timer tick_;
    OnDecision on_decision_ = [](const PastDecision&, const Partitions&) {};
    std::unique_ptr<Hub> hub_;  // from `begin` on
    std::unordered_map<Connection*, std::weak_ptr<Connection>> connections_;
    LiveStreams streams_;
    std::uint64_t opened_ = 0;
    tracing::Exporter* spans_ = nullptr;
    bool live_ = false;
    bool stopping_ = false;
    std::unique_ptr<kafka::Broadcast> signals_;  // these two last: their threads are stopped first
    std::unique_ptr<EventTail> tail_;
};

}  // namespace kiroku::gateway::realtime
