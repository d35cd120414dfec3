// gateway/core/transport.hpp: a client's connection, encrypted or not, as an AsyncStream for Asio and Beast.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gateway/core/task.hpp"

namespace kiroku::crypto {
class TlsSession;
}

namespace kiroku::gateway {

/// What becomes of some bytes that were to be read or written: an error, and how many they were.
using OnTransferred = std::function<void(boost::system::error_code, std::size_t)>;

/// A handler that can only be moved, as a function; always called later, by the executor that it wants.
template <class Handler>
OnTransferred posting(Handler handler, const Executor& executor) {
    const auto on = net::get_associated_executor(handler, executor);
    auto kept = std::make_shared<Handler>(std::move(handler));
    return [on, kept](boost::system::error_code error, std::size_t size) {
        net::post(on, [kept, error, size]() { std::move (*kept)(error, size); });
    };
}

/// The encrypted half of a transport. One read and one write may be under way at a time; the socket stays where it is
/// until they are through.
class Encryption {
public:
    Encryption(Socket socket, crypto::TlsSession session);
    ~Encryption();
    Encryption(const Encryption&) = delete;
    Encryption& operator=(const Encryption&) = delete;

    void shake_hands(OnTransferred done);
    void read_some(net::mutable_buffer into, OnTransferred done);
    void write_some(net::const_buffer from, OnTransferred done);
    void say_goodbye();

    Socket socket;

    /// Small buffers are put together here, so that a header and its body are one record.
    std::string gathered;

private:
    template <class Try>
    void go_on(Try attempt, OnTransferred done);

    std::unique_ptr<crypto::TlsSession> session_;
};

/// Plain unless it is given an encryption. A plain one costs a pointer more than its socket and nothing else.
class Transport {
public:
    using executor_type = Executor;

    Transport(Socket socket) : socket_{std::move(socket)} {}  // NOLINT(google-explicit-constructor)
    explicit Transport(std::unique_ptr<Encryption> encryption)
        : socket_{encryption->socket.get_executor()}, encryption_{std::move(encryption)} {}

    /// Let go when the connection ends.
    void keep(std::shared_ptr<const void> seat) { seat_ = std::move(seat); }

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return encryption_ ? encryption_->socket : socket_; }
    [[nodiscard]] bool encrypted() const { return encryption_ != nullptr; }

    /// Of an encrypted one.
    template <class Token>
    auto async_handshake(Token&& token) {
        return net::async_initiate<Token, Signature>(
            [encryption = encryption_.get(), executor = get_executor()](auto handler) {
                encryption->shake_hands(posting(std::move(handler), executor));
            },
            token);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        if (!encryption_) return socket_.async_read_some(buffers, std::forward<Token>(token));
        return net::async_initiate<Token, Signature>(
            [encryption = encryption_.get(), executor = get_executor()](auto handler, net::mutable_buffer into) {
                encryption->read_some(into, posting(std::move(handler), executor));
            },
            token, first_of<net::mutable_buffer>(buffers));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        if (!encryption_) return socket_.async_write_some(buffers, std::forward<Token>(token));
        return net::async_initiate<Token, Signature>(
            [encryption = encryption_.get(), executor = get_executor()](auto handler, net::const_buffer from) {
                encryption->write_some(from, posting(std::move(handler), executor));
            },
            token, gathered(buffers));
    }

    /// Writes what can be written without waiting: how many bytes, none if it has to wait, is encrypted, or is gone.
    template <class Buffers>
    std::size_t write_now(const Buffers& buffers) {
        if (encryption_) return 0;
        boost::system::error_code would_block;
        if (!socket_.non_blocking()) socket_.non_blocking(true, would_block);
        return socket_.write_some(buffers, would_block);
    }

    /// Says that no more comes, so that the peer can read what came before.
    void shutdown_send();
    /// Ends what is under way on it.
    void cancel();
    void close();

    friend void beast_close_socket(Transport& transport) { transport.close(); }

    /// What Beast does when a WebSocket has said its goodbyes.
    template <class Handler>
    friend void async_teardown(boost::beast::role_type role, Transport& transport, Handler&& handler) {
        if (transport.encryption_) transport.encryption_->say_goodbye();
        boost::beast::websocket::async_teardown(role, transport.socket(), std::forward<Handler>(handler));
    }

private:
    using Signature = void(boost::system::error_code, std::size_t);
    static constexpr std::size_t record_size = 16 * 1024;

    template <class Buffer, class Buffers>
    static Buffer first_of(const Buffers& buffers) {
        const auto end = net::buffer_sequence_end(buffers);
        for (auto one = net::buffer_sequence_begin(buffers); one != end; ++one) {
            const Buffer buffer{*one};
            if (buffer.size() > 0) return buffer;
        }
        return {};
    }

    /// Until a write is through nobody begins another one, so what was gathered stays.
    template <class Buffers>
    net::const_buffer gathered(const Buffers& buffers) {
        const auto first = first_of<net::const_buffer>(buffers);
        if (first.size() >= record_size || first.size() == net::buffer_size(buffers)) return first;
        auto& out = encryption_->gathered;
        out.resize(std::min(record_size, net::buffer_size(buffers)));
        net::buffer_copy(net::buffer(out), buffers);
        return net::buffer(out);
    }

    Socket socket_;
    std::unique_ptr<Encryption> encryption_;
    std::shared_ptr<const void> seat_;
};

}  // namespace kiroku::gateway
