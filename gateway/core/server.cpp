// gateway/core/server.cpp: listens, lets a bounded number of connections in, and stops without cutting anybody off.
#include "gateway/core/server.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "gateway/core/session.hpp"
#include "infra/runtime/exit.hpp"

namespace kiroku::gateway {
namespace {

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds pause_time{20};
constexpr int most_let_in = 64;  // before others have their turn

net::ip::tcp::endpoint endpoint_of(const Settings& settings) {
    boost::system::error_code failed;
    const auto address = net::ip::make_address(settings.listen, failed);
    if (!failed) return {address, settings.port};
    throw runtime::Failure{runtime::Exit::config, fmt::format("\"{}\" is no IP address to listen on.", settings.listen),
                           "Give --listen an address of this machine, such as 127.0.0.1 or 0.0.0.0."};
}

/// A client whose line was cut says nothing more, and the kernel would try for a quarter of an hour. As long as an
/// answer may take to be written is long enough for seven retries, a tunnel or a change of networks.
void give_up_when_vanished(Socket& socket, std::chrono::milliseconds after) {
    const auto time = static_cast<unsigned>(after.count());
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &time, sizeof time);
}

ClientAddress address_of(const net::ip::address& address) {
    const auto v6 = address.is_v4() ? net::ip::make_address_v6(net::ip::v4_mapped, address.to_v4()) : address.to_v6();
    return ClientAddress{v6.to_bytes()};
}

}  // namespace

Server::Server(net::io_context& io, const Router& router, Services services, WebSocketEntry& websockets)
    : io_{io},
      router_{router},
      services_{services},
      websockets_{websockets},
      settings_{services.settings},
      acceptor_{io},
      pause_timer_{io},
      deadlines_{io},
      guests_{settings_.most_connections_of_address} {
    const auto endpoint = endpoint_of(settings_);
    boost::system::error_code failed;
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(net::socket_base::reuse_address{true}, failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(backlog, failed);
    if (!failed) acceptor_.non_blocking(true, failed);
    if (!failed) port_ = acceptor_.local_endpoint(failed).port();
    if (!failed) return;
    throw runtime::Failure{
        runtime::Exit::config,
        fmt::format("Can't listen on {}:{} ({}).", settings_.listen, settings_.port, failed.message()),
        "Stop what uses that port, or choose another with --port."};
}

Server::~Server() = default;

void Server::start() {
    net::co_spawn(io_, listen(), net::detached);
    net::co_spawn(io_, deadlines_.run(), net::detached);
}

Task<void> Server::pause() {
    pause_timer_.expires_after(pause_time);
    co_await pause_timer_.async_wait(net::as_tuple(resume));
}

Task<void> Server::listen() {
    while (!draining_) {
        if (connections_ >= settings_.most_connections) {
            co_await pause();
            continue;
        }
        auto [failed, socket] = co_await acceptor_.async_accept(net::as_tuple(resume));
        if (draining_) co_return;
        if (failed) {
            spdlog::warn("gateway: a connection can't be let in: {}", failed.message());
            co_await pause();
            continue;
        }
        let_in(std::move(socket));
        for (int more = 1; more < most_let_in && connections_ < settings_.most_connections; ++more) {
            Socket next{io_};
            acceptor_.accept(next, failed);  // NOLINT(bugprone-unused-return-value)
            if (failed) break;
            let_in(std::move(next));
        }
    }
}

void Server::let_in(Socket socket) {
    boost::system::error_code failed;
    const auto peer = address_of(socket.remote_endpoint(failed).address());
    std::shared_ptr<const void> seat;
    if (!settings_.proxies.holds(peer)) {
        seat = guests_.seat(peer);
        if (!seat) ++refused_;
        if (!seat) return;
    }
    give_up_when_vanished(socket, settings_.vanished_after);
    auto transport = encryption_ ? Transport{encryption_(std::move(socket))} : Transport{std::move(socket)};
    transport.keep(std::move(seat));
    net::co_spawn(io_, do_session(std::make_unique<Session>(std::move(transport), peer, *this)), net::detached);
}

Task<Handled> Server::handle(RawRequest raw) {
    const bool is_command = raw.head.method == Method::post;
    if (in_flight_ >= settings_.most_requests || (is_command && commands_full_())) {
        ++shed_;
        co_return handle_shed(raw.head, services_);
    }
    ++in_flight_;
    auto handled = co_await handle_request(std::move(raw), router_, services_);
    --in_flight_;
    co_return handled;
}

Task<void> Server::drain(std::chrono::milliseconds deadline) {
    draining_ = true;
    acceptor_.close();
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (connections_ > 0 && std::chrono::steady_clock::now() < until) {
        deadlines_.remind_all();
        co_await pause();
    }
    deadlines_.stop();
}

}  // namespace kiroku::gateway
