// gateway/core/server.hpp: listens, lets a bounded number of connections in, and stops without cutting anybody off.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

#include "gateway/core/deadlines.hpp"
#include "gateway/core/guests.hpp"
#include "gateway/core/handle_request.hpp"
#include "gateway/core/router.hpp"
#include "gateway/core/services.hpp"
#include "gateway/core/settings.hpp"
#include "gateway/core/task.hpp"
#include "gateway/core/transport.hpp"
#include "gateway/services.hpp"

namespace kiroku::gateway {

/// Used on the io thread only. The io_context must be run until `drain` is through.
class Server {
public:
    /// Throws runtime::Failure (config) if it can't listen there.
    Server(net::io_context& io, const Router& router, Services services, WebSocketEntry& websockets);
    ~Server();

    /// Lets connections in from now on.
    void start();

    /// While `full` says so, whatever is POSTed is refused before anything is looked at: that costs less than finding
    /// out later.
    void refuse_posts_while(std::function<bool()> full) { commands_full_ = std::move(full); }

    /// Every connection is encrypted from now on. What makes sessions out of sockets must outlive this.
    void encrypt(std::function<std::unique_ptr<Encryption>(Socket)> encryption) { encryption_ = std::move(encryption); }

    /// Answers a request that came by no connection of its own; there is no room for it when there is none for others.
    Task<Handled> handle(RawRequest raw);

    /// Where it listens, or did.
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t connections() const { return connections_; }
    [[nodiscard]] std::size_t requests_in_flight() const { return in_flight_; }
    [[nodiscard]] std::uint64_t requests_shed() const { return shed_; }
    [[nodiscard]] std::uint64_t connections_refused() const { return refused_; }

    /// Lets nobody in any more, ends idle connections, and waits for requests in flight, not beyond the deadline.
    Task<void> drain(std::chrono::milliseconds deadline);

private:
    friend class Session;
    using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;

    Task<void> listen();
    void let_in(Socket socket);
    Task<void> pause();

    net::io_context& io_;
    const Router& router_;
    const Services services_;
    WebSocketEntry& websockets_;
    const Settings& settings_;
    Acceptor acceptor_;
    net::steady_timer pause_timer_;
    Deadlines deadlines_;
    Guests guests_;
    std::function<std::unique_ptr<Encryption>(Socket)> encryption_;  // empty: none
    std::uint16_t port_ = 0;
    std::size_t connections_ = 0;
    std::size_t in_flight_ = 0;
    std::uint64_t shed_ = 0;
    std::uint64_t refused_ = 0;
    std::function<bool()> commands_full_ = [] { return false; };
    bool draining_ = false;
};

}  // namespace kiroku::gateway
