// gateway/realtime/live_stream.cpp: what happens, as a body of server-sent events.
#include "gateway/realtime/live_stream.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>

#include "gateway/realtime/server_sent.hpp"
#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// The positions in an id, if it has as many as there are channels.
std::vector<std::string> positions_in(const std::string& id, std::size_t channels) {
    std::vector<std::string> found;
    for (std::size_t begin = 0; begin <= id.size();) {
        const auto end = std::min(id.find(',', begin), id.size());
        found.push_back(id.substr(begin, end - begin));
        begin = end + 1;
    }
    if (found.size() != channels) found.assign(channels, "");
    return found;
}

}  // namespace

LiveStream::LiveStream(net::io_context& io, Hub& hub, Presence& presence, RevokedSessions& revoked,
                       Outbox::Bounds bounds, Pace pace, const StreamRequest& asked)
    : timer_{io},
      pace_{pace},
      until_{asked.until},
      next_beat_{Clock::now() + pace.heartbeat},
      outbox_{bounds, [this] { timer_.cancel(); }},
      session_{std::make_unique<OpenSession>(revoked, asked.session, asked.user, outbox_)} {
    const auto since = positions_in(asked.last_event_id, asked.channels.size());
    for (std::size_t i = 0; i < asked.channels.size(); ++i) {
        const auto& channel = asked.channels[i];
        const auto from = since[i].empty() ? std::nullopt : std::optional<std::string_view>{since[i]};
        positions_.emplace_back(name_of(channel), since[i]);  // until it is told another
        auto listening = listen(hub, presence, channel, asked.user, outbox_, from, now());
        if (!listening) {
            outbox_.close(CloseCode::too_slow, "as many are there as may be");
            break;
        }
        channels_.push_back(std::move(*listening));
    }
}

LiveStream::~LiveStream() = default;

Task<std::string> LiveStream::next() {
    while (!over_) {
        if (now() >= until_) outbox_.close(CloseCode::unauthorized, "the token has expired");
        std::string piece = take_some();
        if (piece.empty() && Clock::now() >= next_beat_) piece = heartbeat;
        if (!piece.empty()) {
            next_beat_ = Clock::now() + pace_.heartbeat;
            co_return piece;
        }
        co_await wait();
    }
    co_return std::string{};
}

std::string LiveStream::take_some() {
    std::string piece;
    if (!std::exchange(greeted_, true)) piece = server_sent_retry(pace_.come_back);
    while (!outbox_.empty() && piece.size() < piece_bytes) tell(piece, *outbox_.take());
    for (auto& channel : channels_) channel.subscription->go_on();
    if (outbox_.empty() && outbox_.closing()) say_goodbye(piece);
    return piece;
}

void LiveStream::tell(std::string& piece, const std::string& message) {
    const auto told = json::decode_tagged<ws::ServerMessage>(message);
    if (!told) return;
    const auto add = [&](const auto& one) {
        bool has_position = false;
        if constexpr (requires { one.channel, one.position; }) {
            const auto found = std::ranges::find(positions_, one.channel, &decltype(positions_)::value_type::first);
            if (found != positions_.end()) found->second = one.position;
            has_position = true;
        }
        piece += server_sent(one.type, has_position ? id() : "", message);
    };
    std::visit(add, *told);
}

void LiveStream::say_goodbye(std::string& piece) {
    over_ = true;
    const ws::Close close{.code = static_cast<int>(outbox_.closing()->code), .reason = outbox_.closing()->reason};
    piece += server_sent(close.type, "", json::encode(close));
}

Task<void> LiveStream::wait() {
    const auto rest = std::max(until_ - now(), std::chrono::milliseconds{0});
    timer_.expires_at(std::min(next_beat_, Clock::now() + rest));
    co_await timer_.async_wait(net::as_tuple(resume));
}

std::string LiveStream::id() const {
    std::string all;
    for (const auto& [_, position] : positions_) {
        if (&position != &positions_.front().second) all += ',';
        all += position;
    }
    return all;
}

void LiveStream::give_up() {
    over_ = true;
    timer_.cancel();
}

void LiveStream::end() {
    over_ = true;
    outbox_.end();
    channels_.clear();
    session_.reset();
    timer_.cancel();
}

}  // namespace kiroku::gateway::realtime
