// gateway/realtime/wire.hpp: what a WebSocket writes on: Beast's own frames and ready messages, each whole, in turn.
#pragma once

#include <array>
#include <boost/beast/core/role.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "gateway/core/transport.hpp"
#include "gateway/realtime/outbox.hpp"

namespace kiroku::gateway::realtime {

/// A transport, as an AsyncStream for a Beast WebSocket, which says the handshake, pings, pongs and goodbyes on it.
/// What is told to many is the same bytes for all (servers don't mask), so messages go past Beast, straight to the
/// socket.
class Wire {
public:
    using executor_type = Executor;
    using Error = boost::system::error_code;

    /// `on_sent` is called when a message is through that couldn't be sent at once, or can't be.
    Wire(Transport transport, std::function<void(Error)> on_sent)
        : transport_(std::move(transport)), on_sent_(std::move(on_sent)) {}

    /// Kept alive while something is being written.
    void belong_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    /// Sends a text message of one frame. True: all of it was taken at once. False: `on_sent` is called later; until
    /// then no other may be sent.
    [[nodiscard]] bool send(Frame message);

    executor_type get_executor() { return transport_.get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return transport_.async_read_some(buffers, std::forward<Token>(token));
    }

    /// Beast's own frames: few and short, so they are copied.
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return net::async_initiate<Token, void(Error, std::size_t)>(
            [this](auto handler, std::string bytes) {
                write({.head = std::move(bytes), .on_written = posting(std::move(handler), get_executor())});
            },
            token, bytes_of(buffers));
    }

    void close() { transport_.close(); }
    friend void beast_close_socket(Wire& wire) { wire.close(); }

    template <class Handler>
    friend void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
        async_teardown(role, wire.transport_, std::forward<Handler>(handler));
    }

private:
    struct Piece {
        std::string head;            ///< a frame's header, or all of it
        Frame body{};                ///< null: nothing follows
        OnTransferred on_written{};  ///< empty: a message
        std::size_t written = 0;

        [[nodiscard]] std::size_t size() const { return head.size() + (body ? body->size() : 0); }
        [[nodiscard]] std::array<net::const_buffer, 2> rest() const;
    };

    template <class Buffers>
    static std::string bytes_of(const Buffers& buffers) {
        std::string bytes(net::buffer_size(buffers), '\0');
        net::buffer_copy(net::buffer(bytes), buffers);
        return bytes;
    }

    void write(Piece piece);
    void go_on();
    void wrote(Error error, std::size_t size);
    void tell(const Piece& piece, Error error);

    Transport transport_;
    std::function<void(Error)> on_sent_;
    std::weak_ptr<void> owner_;
    std::list<Piece> waiting_;  // the first is being written: it stays where it is
};

}  // namespace kiroku::gateway::realtime
