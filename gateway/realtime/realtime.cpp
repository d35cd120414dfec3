// gateway/realtime/realtime.cpp: the gateway's view of what is happening right now.
#include "gateway/realtime/realtime.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <thread>

#include "gateway/core/problem.hpp"

namespace kiroku::gateway::realtime {
namespace {

namespace http = boost::beast::http;

constexpr int most_batches_waiting = 16;
constexpr std::chrono::milliseconds between_ticks{200};
constexpr const char* goodbye = "this gateway restarts: come back";
constexpr const char* websocket_version = "13";  // RFC 6455
constexpr std::size_t websocket_key_size = 24;   // 16 bytes in Base64

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

void refuse(Transport transport, CoreRefusal refusal) {
    const auto id = to_string(random_uuid_v7());
    auto response = answer(refusal, "/ws", id, now());
    response.close = true;
    if (refusal == CoreRefusal::upgrade_required) {
        response.headers.emplace_back("Upgrade", "websocket");
        response.headers.emplace_back("Sec-WebSocket-Version", websocket_version);
    }
    auto bytes = std::make_shared<std::string>(write_head(response, id, http_date()) + response.body);
    auto to = std::make_shared<Transport>(std::move(transport));
    net::async_write(*to, net::buffer(*bytes), [to, bytes](boost::system::error_code error, std::size_t) {
        if (!error) to->shutdown_send();
    });
}

}  // namespace

Realtime::Realtime(net::io_context& io, AccessTokens& tokens, crypto::Secret key, Settings settings)
    : io_(io),
      tokens_(tokens),
      key_(key),
      settings_(std::move(settings)),
      revoked_(settings_.revocations_kept),
      awaited_(io.get_executor()),
      presence_(
          random_uuid_v7(),
          [this](const std::string& signal) {
              if (signals_) signals_->send(signal);
          },
          settings_.presence),
      tick_(io),
      streams_(io, presence_, revoked_, settings_.streams) {}

Realtime::~Realtime() {
    tail_.reset();
    signals_.reset();
    tick_.cancel();
    const auto connections = std::move(connections_);
    connections_.clear();
    for (const auto& [_, connection] : connections) {
        if (const auto alive = connection.lock()) alive->end();
    }
}

void Realtime::follow(EventTail::Settings tail) {
    const auto waiting = std::make_shared<std::atomic<int>>(0);
    EventTail::Handover handover;
    handover.begin = [this](Partitions partitions, std::vector<Offset> from) {
        net::post(io_, [this, partitions = std::move(partitions), from = std::move(from)] { begin(partitions, from); });
    };
    handover.take = [this, waiting](TailBatch batch, const std::stop_token& stop) {
        while (*waiting >= most_batches_waiting && !stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        ++*waiting;
        net::post(io_, [this, waiting, batch = std::move(batch)] {
            --*waiting;
            take(batch);
        });
    };
    tail_ = std::make_unique<EventTail>(std::move(tail), std::move(handover));
}

void Realtime::share(kafka::Broadcast::Settings signals) {
    const auto waiting = std::make_shared<std::atomic<int>>(0);
    const auto on_heard = [this, waiting](std::vector<std::string> heard) {
        if (*waiting >= most_batches_waiting) return;  // the next roll makes up for it
        ++*waiting;
        net::post(io_, [this, waiting, heard = std::move(heard)] {
            --*waiting;
            for (const auto& signal : heard) presence_.hear(signal, now());
        });
    };
    signals_ = std::make_unique<kafka::Broadcast>(std::move(signals), on_heard);
}

void Realtime::tick() {
    presence_.pass(now());
    tick_.expires_after(between_ticks);
    tick_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) tick();
    });
}

void Realtime::begin(Partitions partitions, std::vector<Offset> from) {
    hub_ = std::make_unique<Hub>(std::move(partitions), std::move(from), Positions{key_}, settings_.history);
    awaited_.look_in(*hub_);
    tick();
}

void Realtime::take(const TailBatch& batch) {
    const auto at = now();
    for (const auto& decision : batch.decisions) {
        for (const auto& event : decision->events) {
            if (event.revoked != SessionId{}) revoked_.revoke(event.revoked, event.time, at);
            if (event.demoted != UserId{}) revoked_.end_connections_of(event.demoted);
        }
        push(decision);
        awaited_.tell(*decision, hub_->partitions());
        on_decision_(*decision, hub_->partitions());
    }
    for (const auto& [slot, next] : batch.reached) hub_->reach(slot, next);
    live_ = live_ || batch.live;
    if (live_) revoked_.set_known();
}

void Realtime::push(const std::shared_ptr<const PastDecision>& decision) {
    if (spans_ == nullptr || !decision->trace.known()) return hub_->take(decision);
    const auto begun = tracing::Clock::now();
    const auto before = hub_->pushed();
    hub_->take(decision);
    if (hub_->pushed() == before) return;
    auto span = tracing::hop(decision->trace, tracing::SpanKind::producer, "push", begun);
    span.attributes = {{"kiroku.pushed", static_cast<std::int64_t>(hub_->pushed() - before)}};
    spans_->add(std::move(span));
}

/// By the route of the upgrade: whatever is said on a WebSocket is said there.
OnRefused Realtime::noting(const UpgradeRequest& request, const Visitor& visitor) const {
    const auto agent = request[http::field::user_agent];
    auto access = std::make_shared<const Access>(Access{.method = "GET",
                                                        .pattern = "/ws",
                                                        .path = "/ws",
                                                        .address = visitor.client.text(),
                                                        .user_agent = {agent.data(), agent.size()},
                                                        .request = visitor.request});
    return [this, access = std::move(access)](const CoreRefusal& refusal, const std::optional<UserId>& user) {
        Access told = *access;
        told.user = user;
        note_(told, Problem{refusal});
    };
}

void Realtime::accept(Transport transport, UpgradeRequest request, std::string early, Visitor visitor) {
    if (const auto refusal = refusal_of(request, early)) return refuse(std::move(transport), *refusal);
    auto on_end = [this](Connection& connection) { connections_.erase(&connection); };
    const auto connection = std::make_shared<Connection>(
        std::move(transport),
        ConversationParts{*hub_, presence_, revoked_, tokens_, ask_, published_, settings_.conversation, visitor.client,
                          noting(request, visitor)},
        settings_.connection, on_end);
    connections_.emplace(connection.get(), connection);
    ++opened_;
    connection->open(std::move(request));
}

std::optional<CoreRefusal> Realtime::refusal_of(const UpgradeRequest& request, const std::string& early) const {
    if (request[http::field::sec_websocket_version] != websocket_version) return CoreRefusal::upgrade_required;
    const bool has_key = request.count(http::field::sec_websocket_key) == 1 &&
                         request[http::field::sec_websocket_key].size() == websocket_key_size;
    if (!early.empty() || !has_key) return CoreRefusal::malformed_request;
    if (!may_connect(request)) return CoreRefusal::forbidden;
    if (!live_ || stopping_) return CoreRefusal::unavailable;
    if (connections_.size() >= settings_.most_connections) return CoreRefusal::overloaded;
    return std::nullopt;
}

std::expected<std::shared_ptr<BodySource>, Problem> Realtime::stream(const StreamRequest& asked) {
    if (!live_ || stopping_) return std::unexpected(CoreRefusal::unavailable);
    return streams_.open(*hub_, asked);
}

bool Realtime::may_connect(const UpgradeRequest& request) const {
    const auto origin = request.find(http::field::origin);
    if (settings_.origins.empty() || origin == request.end()) return true;
    const std::string_view asked{origin->value().data(), origin->value().size()};
    return std::ranges::find(settings_.origins, asked) != settings_.origins.end();
}

void Realtime::stop() {
    stopping_ = true;
    for (const auto& [_, connection] : std::unordered_map{connections_}) {
        if (const auto open = connection.lock()) open->close(CloseCode::restarting, goodbye);
    }
    streams_.close(CloseCode::restarting, goodbye);
    presence_.leave();
}

void Realtime::watch_sharing(Metrics& metrics) const {
    const auto total = [&](const char* name, const char* meaning, std::uint64_t kafka::Broadcast::Counts::*count) {
        metrics.watch_total(name, meaning,
                            [this, count] { return signals_ ? static_cast<double>(signals_->counts().*count) : 0; });
    };
    metrics.watch("kiroku_presence_channels", "Challenges that somebody practises, with any gateway.",
                  [this] { return static_cast<double>(presence_.channels()); });
    metrics.watch("kiroku_presence_members", "Who practises with this gateway, once for each challenge.",
                  [this] { return static_cast<double>(presence_.members_here()); });
    total("kiroku_gateway_signals_sent_total", "What this gateway told the others.", &kafka::Broadcast::Counts::sent);
    total("kiroku_gateway_signals_dropped_total", "What it couldn't.", &kafka::Broadcast::Counts::dropped);
    total("kiroku_gateway_signals_heard_total", "What it heard, its own included.", &kafka::Broadcast::Counts::heard);
    metrics.watch_total("kiroku_published_messages_total", "What clients published and was done.",
                        [this] { return static_cast<double>(published_.done); });
    metrics.watch_total("kiroku_published_messages_refused_total", "What clients published and was refused.",
                        [this] { return static_cast<double>(published_.refused); });
}

void Realtime::watch(Metrics& metrics) const {
    streams_.watch(metrics);
    watch_sharing(metrics);
    metrics.watch("kiroku_websocket_connections", "Open WebSockets.",
                  [this] { return static_cast<double>(connections_.size()); });
    metrics.watch("kiroku_websocket_subscriptions", "Channels listened to, once for each who listens.",
                  [this] { return hub_ ? static_cast<double>(hub_->subscriptions()) : 0; });
    metrics.watch("kiroku_realtime_history_decisions", "Decisions remembered for clients that come back.", [this] {
        return hub_ ? static_cast<double>(hub_->history().added() - hub_->history().forgotten()) : 0;
    });
    metrics.watch("kiroku_realtime_history_bytes", "Memory of the remembered decisions.",
                  [this] { return hub_ ? static_cast<double>(hub_->history().bytes()) : 0; });
    metrics.watch("kiroku_realtime_waiting_requests", "Requests that wait for what their command caused.",
                  [this] { return static_cast<double>(awaited_.waiting()); });
    metrics.watch_total("kiroku_websocket_connections_total", "WebSockets opened.",
                        [this] { return static_cast<double>(opened_); });
    metrics.watch_total("kiroku_pushed_events_total", "Events pushed, once for each who was told.",
                        [this] { return hub_ ? static_cast<double>(hub_->pushed()) : 0; });
}

}  // namespace kiroku::gateway::realtime
