// tests/unit/runtime/probe_test.cpp: ports, answers and processes of this machine.
#include "infra/runtime/probe.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

using namespace kiroku::runtime;
using namespace std::chrono_literals;

TEST_SUITE("runtime/probe") {
/// A server that takes one connection, reads once and answers with a text.
class OneAnswer {
public:
    explicit OneAnswer(std::string text) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(socket_, 1);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread{[this, text = std::move(text)] {
            const int peer = ::accept(socket_, nullptr, nullptr);
            char request[512];
            [[maybe_unused]] const auto read = ::recv(peer, request, sizeof request, 0);
            ::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
            ::close(peer);
        }};
    }
    ~OneAnswer() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }

    std::uint16_t port = 0;

private:
    int socket_;
    std::thread thread_;
};

TEST_CASE("a port is free until somebody listens there") {
    const auto port = some_free_port();
    REQUIRE(port != 0);
    CHECK(port_is_free(port));
    const OneAnswer server{""};
    CHECK_FALSE(port_is_free(server.port));
}

TEST_CASE("the status of an HTTP answer is read") {
    const OneAnswer server{"HTTP/1.1 503 Service Unavailable\r\n\r\n"};
    CHECK(http_status(server.port, "/readyz", 2s) == 503);
}

TEST_CASE("no answer, and one that isn't HTTP, are no status") {
    CHECK_FALSE(http_status(some_free_port(), "/readyz", 100ms));
    const OneAnswer server{"SSH-2.0"};
    CHECK_FALSE(http_status(server.port, "/readyz", 2s));
}

TEST_CASE("a process is known again by its start, not by its number alone") {
    const auto self = identify(getpid());
    CHECK(still_running(self) == getpid());
    CHECK_FALSE(still_running(std::to_string(getpid()) + " 1"));
    CHECK_FALSE(still_running(""));
    CHECK_FALSE(still_running("4194305 12"));
}
}
