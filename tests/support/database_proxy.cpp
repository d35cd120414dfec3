#include "tests/support/database_proxy.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <list>
#include <vector>

namespace kiroku::test {
namespace {

constexpr int look_ms = 20;

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

class Link {
public:
    Link(int client, int port) : client_(client), server_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const auto address = loopback(port);
        open_ = ::connect(server_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        const int on = 1;
        for (const int socket : {client_, server_}) ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~Link() {
        ::close(client_);
        ::close(server_);
    }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] int client() const { return client_; }
    [[nodiscard]] int server() const { return server_; }
    [[nodiscard]] bool is_open() const { return open_; }
    void close() { open_ = false; }

    /// What one side has to say now; closes where it has left.
    std::string take(int from) {
        std::array<char, 65'536> bytes{};
        const auto size = ::recv(from, bytes.data(), bytes.size(), 0);
        if (size <= 0) close();
        return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }
    void give(int to, const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const auto size = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (size <= 0) return close();
            sent += static_cast<std::size_t>(size);
        }
    }

private:
    int client_;
    int server_;
    bool open_ = false;
};

/// Lets the server do what it was told, and keeps its answer.
void swallow_answer(int server) {
    pollfd answer{server, POLLIN, 0};
    ::poll(&answer, 1, 5'000);
}

}  // namespace

DatabaseProxy::DatabaseProxy(const postgres::Session& session) : session_(session) {
    postgres::Connection direct{session};
    const auto rows = direct.execute("SELECT inet_server_port()");
    target_port_ = rows[0].get<int>(0);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 64) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const auto port = ntohs(address.sin_port);
    const bool uri = session.server.find("://") != std::string::npos;
    const char* first = session.server.find('?') == std::string::npos ? "?" : "&";
    session_.server +=
        uri ? fmt::format("{}host=127.0.0.1&port={}", first, port) : fmt::format(" host=127.0.0.1 port={}", port);
    thread_ = std::jthread{[this](const std::stop_token& stop) { serve(stop); }};
}

DatabaseProxy::~DatabaseProxy() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
}

void DatabaseProxy::serve(const std::stop_token& stop) {
    std::list<Link> links;
    while (!stop.stop_requested()) {
        if (blocked_) links.clear();
        links.remove_if([](const Link& link) { return !link.is_open(); });
        std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
        for (const auto& link : links) {
            sockets.push_back({link.client(), POLLIN, 0});
            sockets.push_back({link.server(), POLLIN, 0});
        }
        ::poll(sockets.data(), sockets.size(), look_ms);
        std::size_t at = 1;
        for (auto& link : links) {
            const bool from_client = (sockets[at++].revents & (POLLIN | POLLHUP)) != 0;
            const bool from_server = (sockets[at++].revents & (POLLIN | POLLHUP)) != 0;
            if (from_server) link.give(link.client(), link.take(link.server()));
            if (!from_client || !link.is_open()) continue;
            const auto bytes = link.take(link.client());
            const bool cuts = cut_ != none && bytes.find("COMMIT") != std::string::npos;
            const auto when = static_cast<Cut>(cut_.load());
            if (!cuts || when == Cut::after_commit) link.give(link.server(), bytes);
            if (!cuts) continue;
            if (when == Cut::after_commit) swallow_answer(link.server());
            link.close();
            cut_ = none;
        }
        if ((sockets[0].revents & POLLIN) == 0) continue;
        const int client = ::accept(listener_, nullptr, nullptr);
        if (blocked_)
            ::close(client);
        else if (client >= 0)
            links.emplace_back(client, target_port_);
    }
}

}  // namespace kiroku::test
