// gateway/realtime/connection.cpp: one WebSocket, from the request to upgrade to its last byte.
#include "gateway/realtime/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace kiroku::gateway::realtime {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

constexpr boost::beast::string_view protocol = "kiroku.v1.json";
constexpr int most_sent_at_once = 32;

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

bool asks_for_protocol(const UpgradeRequest& request) {
    for (const auto field : http::token_list{request[http::field::sec_websocket_protocol]}) {
        if (field == protocol) return true;
    }
    return false;
}

websocket::close_reason reason_of(const Close& close) {
    websocket::close_reason reason{static_cast<std::uint16_t>(close.code)};
    const auto length = std::min<std::size_t>(close.reason.size(), 120);
    reason.reason.assign(close.reason.data(), length);
    return reason;
}

}  // namespace

Connection::Connection(Transport transport, ConversationParts parts, ConnectionLimits limits, OnEnd on_end)
    : stream_(std::move(transport), [this](Error error) { sent(error); }),
      timer_(stream_.get_executor()),
      limits_(limits),
      on_end_(std::move(on_end)),
      outbox_(limits.outbox, [this] { changed(); }),
      conversation_(std::in_place, parts, outbox_, now()) {
    stream_.set_option(websocket::stream_base::timeout{limits_.handshake, limits_.silence, true});
    stream_.read_message_max(limits_.message_bytes);
}

void Connection::open(UpgradeRequest request) {
    stream_.next_layer().belong_to(weak_from_this());
    const bool protocol_known = asks_for_protocol(request);
    stream_.set_option(websocket::stream_base::decorator{[protocol_known](websocket::response_type& response) {
        if (protocol_known) response.set(http::field::sec_websocket_protocol, protocol);
    }});
    stream_.async_accept(request, [self = shared_from_this(), protocol_known](Error error) {
        if (error || !self->conversation_) return self->end();
        self->opened(protocol_known);
    });
}

void Connection::opened(bool protocol_known) {
    open_ = true;
    stream_.control_callback([this](websocket::frame_type kind, auto) {
        if (kind == websocket::frame_type::close) {  // Beast answers it
            said_goodbye_ = true;
            return;
        }
        net::post(stream_.get_executor(), [self = shared_from_this()] {
            if (self->conversation_) self->conversation_->hear_ping(now());
        });
    });
    if (!protocol_known) outbox_.close(CloseCode::unknown_protocol, "ask for the sub-protocol kiroku.v1.json");
    read();
    watch_deadline();
    write();
}

void Connection::read() {
    stream_.async_read(incoming_, [self = shared_from_this()](Error error, std::size_t) {
        if (error) return self->end();
        self->heard();
    });
}

void Connection::heard() {
    if (!conversation_) return;
    if (stream_.got_binary()) {
        outbox_.close(CloseCode::unsupported_data, "text messages only");
    } else {
        const auto bytes = incoming_.cdata();
        conversation_->hear({static_cast<const char*>(bytes.data()), bytes.size()}, now());
    }
    incoming_ = {};
    if (conversation_->deadline() != watched_) watch_deadline();
    read();
}

void Connection::changed() {
    if (outbox_.closing() && open_ && !leaving_) {
        leaving_ = true;
        leave_within(limits_.handshake);
    }
    write();
}

void Connection::write() {
    while (open_ && !sending_ && !said_goodbye_ && !outbox_.empty()) {
        sending_ = !stream_.next_layer().send(outbox_.take());
        if (sending_ || ++sent_at_once_ < most_sent_at_once) continue;
        sending_ = true;  // others have their turn
        net::post(stream_.get_executor(), [self = shared_from_this()] { self->sent({}); });
    }
    if (open_ && !sending_ && !said_goodbye_ && outbox_.closing()) say_goodbye();
}

void Connection::sent(Error error) {
    sending_ = false;
    sent_at_once_ = 0;
    if (error || !conversation_) return cut();
    write();
    conversation_->go_on();
}

void Connection::say_goodbye() {
    said_goodbye_ = true;
    stream_.async_close(reason_of(*outbox_.closing()), [self = shared_from_this()](Error) {});
}

void Connection::watch_deadline() {
    if (leaving_ || !conversation_) return;
    watched_ = conversation_->deadline();
    timer_.expires_after(std::max(watched_ - now(), std::chrono::milliseconds{0}));
    timer_.async_wait([self = shared_from_this()](Error cancelled) {
        if (cancelled || self->leaving_ || !self->conversation_) return;
        self->conversation_->pass(now());
        self->watch_deadline();
    });
}

void Connection::leave_within(std::chrono::seconds patience) {
    timer_.expires_after(patience);
    timer_.async_wait([self = shared_from_this()](Error cancelled) {
        if (!cancelled) self->cut();
    });
}

void Connection::cut() { stream_.next_layer().close(); }

void Connection::end() {
    if (!conversation_) return;
    outbox_.end();
    conversation_.reset();
    timer_.cancel();
    cut();
    on_end_(*this);
}

}  // namespace kiroku::gateway::realtime
