// gateway/realtime/connection.hpp: one WebSocket, from the request to upgrade to its last byte.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "gateway/core/services.hpp"
#include "gateway/realtime/conversation.hpp"
#include "gateway/realtime/outbox.hpp"
#include "gateway/realtime/wire.hpp"

namespace kiroku::gateway::realtime {

struct ConnectionLimits {
    std::size_t message_bytes = 64 * 1024;  ///< a client's longest message
    std::chrono::seconds handshake{10};     ///< for the upgrade, and again for the closing
    std::chrono::seconds silence{60};       ///< a client is pinged after half of it, and gone after all of it
    Outbox::Bounds outbox;
};

/// Keeps itself alive while something is under way, and with it a few KiB: buffers exist only while they hold
/// something.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using OnEnd = std::function<void(Connection&)>;

    /// `on_end` is called once, when nothing comes from the client any more, unless the io_context ends first.
    Connection(Transport transport, ConversationParts parts, ConnectionLimits limits, OnEnd on_end);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void open(UpgradeRequest request);

    /// Ends it in an orderly way.
    void close(CloseCode code, std::string reason) { outbox_.close(code, std::move(reason)); }

    /// Ends it at once. What it refers to isn't needed any more then.
    void end();

private:
    using Stream = boost::beast::websocket::stream<Wire, false>;  // false: no permessage-deflate
    using Clock = std::chrono::steady_clock;
    using Timer = net::basic_waitable_timer<Clock, net::wait_traits<Clock>, Executor>;
    using Error = boost::system::error_code;

    void opened(bool protocol_known);
    void read();
    void heard();
    void changed();
    void write();
    void sent(Error error);
    void say_goodbye();
    void watch_deadline();
    void leave_within(std::chrono::seconds patience);
    void cut();

    Stream stream_;
    Timer timer_;
    ConnectionLimits limits_;
    OnEnd on_end_;
    Outbox outbox_;
    std::optional<Conversation> conversation_;  // until the end
    boost::beast::flat_buffer incoming_;
    Instant watched_;  // the deadline that the timer is set to
    int sent_at_once_ = 0;
    bool open_ = false;
    bool sending_ = false;       // a message is on its way out
    bool leaving_ = false;       // the outbox is closing
    bool said_goodbye_ = false;  // a close frame is under way or sent
};

}  // namespace kiroku::gateway::realtime
