// gateway/realtime/live_streams.cpp: lets a bounded number of clients have streams of server-sent events.
#include "gateway/realtime/live_streams.hpp"

#include <algorithm>
#include <random>

namespace kiroku::gateway::realtime {
namespace {

/// So that the clients of a gateway that went down don't all come at once.
std::chrono::milliseconds some_pause() {
    static std::minstd_rand random{std::random_device{}()};
    return std::chrono::milliseconds{std::uniform_int_distribution{500, 2'500}(random)};
}

}  // namespace

LiveStreams::~LiveStreams() {
    for (const auto& open : streams_) {
        if (const auto stream = open.stream.lock()) stream->end();
    }
}

std::expected<std::shared_ptr<BodySource>, Problem> LiveStreams::open(Hub& hub, const StreamRequest& asked) {
    std::erase_if(streams_, [](const Open& one) { return one.stream.expired(); });
    const bool is_full = streams_.size() >= limits_.streams;
    const auto theirs = static_cast<std::size_t>(std::ranges::count(streams_, asked.user, &Open::user));
    if (is_full || theirs >= limits_.of_a_user) {
        ++refused_;
        return std::unexpected(is_full ? CoreRefusal::overloaded : CoreRefusal::too_many_requests);
    }
    const LiveStream::Pace pace{.heartbeat = limits_.heartbeat, .come_back = some_pause()};
    auto stream = std::make_shared<LiveStream>(io_, hub, presence_, revoked_, limits_.outbox, pace, asked);
    streams_.push_back({asked.user, stream});
    ++opened_;
    return stream;
}

void LiveStreams::close(CloseCode code, const std::string& reason) {
    for (const auto& open : streams_) {
        if (const auto stream = open.stream.lock()) stream->close(code, reason);
    }
}

std::size_t LiveStreams::size() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(streams_, [](const Open& one) { return !one.stream.expired(); }));
}

void LiveStreams::watch(Metrics& metrics) const {
    metrics.watch("kiroku_live_streams", "Open streams of server-sent events.",
                  [this] { return static_cast<double>(size()); });
    metrics.watch_total("kiroku_live_streams_total", "Streams of server-sent events opened.",
                        [this] { return static_cast<double>(opened_); });
    metrics.watch_total("kiroku_live_streams_refused_total", "Those refused because as many were open.",
                        [this] { return static_cast<double>(refused_); });
}

}  // namespace kiroku::gateway::realtime
