// gateway/core/transport.cpp: a client's connection, encrypted or not.
#include "gateway/core/transport.hpp"

#include <boost/asio/error.hpp>

#include "infra/crypto/tls.hpp"

namespace kiroku::gateway {

using Next = crypto::TlsSession::Next;

Encryption::Encryption(Socket given, crypto::TlsSession session)
    : socket{std::move(given)}, session_{std::make_unique<crypto::TlsSession>(std::move(session))} {
    boost::system::error_code ignored;
    socket.native_non_blocking(true, ignored);
}

Encryption::~Encryption() = default;

/// Whoever waits is told `operation_aborted` by the socket when it is cancelled or closed, before this object goes.
template <class Try>
void Encryption::go_on(Try attempt, OnTransferred done) {
    const auto step = attempt();
    switch (step.next) {
        case Next::done: return done({}, step.bytes);
        case Next::closed: return done(net::error::eof, 0);
        case Next::failed: return done(net::error::connection_reset, 0);
        case Next::wait_read:
        case Next::wait_write: break;
    }
    const auto kind = step.next == Next::wait_read ? Socket::wait_read : Socket::wait_write;
    socket.async_wait(kind, [this, attempt, done = std::move(done)](boost::system::error_code error) {
        if (error) return done(error, 0);
        go_on(attempt, done);
    });
}

void Encryption::shake_hands(OnTransferred done) {
    go_on([this] { return session_->shake_hands(); }, std::move(done));
}

void Encryption::read_some(net::mutable_buffer into, OnTransferred done) {
    if (into.size() == 0) return done({}, 0);
    go_on([this, into] { return session_->read(into.data(), into.size()); }, std::move(done));
}

void Encryption::write_some(net::const_buffer from, OnTransferred done) {
    if (from.size() == 0) return done({}, 0);
    go_on([this, from] { return session_->write(from.data(), from.size()); }, std::move(done));
}

void Encryption::say_goodbye() { session_->say_goodbye(); }

void Transport::shutdown_send() {
    if (encryption_) encryption_->say_goodbye();
    boost::system::error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
}

void Transport::cancel() {
    boost::system::error_code ignored;
    socket().cancel(ignored);
}

void Transport::close() {
    boost::system::error_code ignored;
    socket().close(ignored);
}

}  // namespace kiroku::gateway
