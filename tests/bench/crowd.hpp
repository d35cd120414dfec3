// tests/bench/crowd.hpp: thousands of WebSocket clients in one thread, each of which costs the machine next to nothing.
// RFC 6455 without what servers here never send: fragments and extensions.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/latencies.hpp"

namespace kiroku::bench {

/// What one client says: the request to upgrade, then messages once that is granted. It counts as ready when a message
/// comes that holds `ready_at`; empty: as soon as it is let in.
struct Greeting {
    std::string path = "/ws";
    std::string protocol{};  ///< empty: none
    std::vector<std::string> messages{};
    std::string ready_at{};
};

class Crowd {
public:
    using OnMessage = std::function<void(std::size_t client, std::string_view text, Clock::time_point now)>;

    /// Messages that come before their client is ready aren't told.
    Crowd(int port, std::vector<Greeting> greetings, OnMessage on_message);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    /// Connects all, so many at a time, and returns how long it took until all were ready. Throws if one is refused, or
    /// not all are ready within `patience`.
    std::chrono::nanoseconds gather(std::size_t at_a_time, std::chrono::seconds patience);

    /// Reads what comes until `until`, at the latest. Throws if a connection ends.
    void listen(Clock::time_point until);

    [[nodiscard]] std::size_t size() const { return clients_.size(); }

private:
    enum class State { idle, connecting, upgrading, greeting, ready };
    struct Client {
        Greeting greeting;
        int fd = -1;
        State state = State::idle;
        std::string received{};
    };

    void connect(std::size_t number);
    void handle(std::size_t number);
    void read(Client& client, std::size_t number);
    void take_answer(Client& client);
    void take_frames(Client& client, std::size_t number);
    void hear(Client& client, std::size_t number, std::string_view text, Clock::time_point now);
    static void say(Client& client, std::uint8_t opcode, std::string_view text);
    void set_ready(Client& client);

    int port_;
    std::vector<Client> clients_;
    OnMessage on_message_;
    int epoll_;
    std::size_t ready_ = 0;
    std::size_t begun_ = 0;
};

namespace detail {

inline constexpr std::uint8_t text_frame = 1, close_frame = 8, ping_frame = 9, pong_frame = 10;
inline constexpr std::size_t clients_an_address = 20'000;  // of this machine's, so that ports suffice

/// Length of a frame's header and payload; 0: not whole yet.
inline std::pair<std::size_t, std::size_t> frame_in(std::string_view bytes) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
    if (bytes.size() < 2) return {0, 0};
    const std::size_t extended = byte(1) == 127 ? 8 : byte(1) == 126 ? 2 : 0;
    if (bytes.size() < 2 + extended) return {0, 0};
    std::size_t payload = extended > 0 ? 0 : byte(1);
    for (std::size_t i = 0; i < extended; ++i) payload = payload << 8 | byte(2 + i);
    if (bytes.size() < 2 + extended + payload) return {0, 0};
    return {2 + extended, payload};
}

/// Masked with zeros, which is a mask, too.
inline std::string client_frame(std::uint8_t opcode, std::string_view text) {
    std::string frame{static_cast<char>(0x80 | opcode)};
    if (text.size() < 126) {
        frame += static_cast<char>(0x80 | text.size());
    } else {
        frame += static_cast<char>(0x80 | 126);
        frame += static_cast<char>(text.size() >> 8);
        frame += static_cast<char>(text.size() & 255);
    }
    frame.append(4, '\0');
    return frame.append(text);
}

}  // namespace detail

/// As many open files as this process may have. False: fewer than `wanted`.
inline bool allow_open_files(std::size_t wanted) {
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_max >= wanted;
}

inline Crowd::Crowd(int port, std::vector<Greeting> greetings, OnMessage on_message)
    : port_(port), on_message_(std::move(on_message)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (auto& greeting : greetings) clients_.push_back({.greeting = std::move(greeting)});
}

inline Crowd::~Crowd() {
    for (const auto& client : clients_) ::close(client.fd);
    ::close(epoll_);
}

inline std::chrono::nanoseconds Crowd::gather(std::size_t at_a_time, std::chrono::seconds patience) {
    const auto begun = Clock::now();
    while (ready_ < clients_.size()) {
        while (begun_ < clients_.size() && begun_ - ready_ < at_a_time) connect(begun_++);
        listen(Clock::now() + std::chrono::milliseconds{1});
        if (Clock::now() - begun > patience)
            throw std::runtime_error(fmt::format("only {} of {} clients are ready", ready_, clients_.size()));
    }
    return Clock::now() - begun;
}

inline void Crowd::connect(std::size_t number) {
    auto& client = clients_[number];
    client.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client.fd < 0) throw std::runtime_error("no more sockets: raise the limit of open files");
    const int one = 1;
    ::setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(number / detail::clients_an_address));
    ::setsockopt(client.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    ::bind(client.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port_));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(client.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    client.state = State::connecting;
    ::epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.u64 = number}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &wanted);
}

inline void Crowd::listen(Clock::time_point until) {
    std::array<::epoll_event, 512> found{};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        const int count = ::epoll_wait(epoll_, found.data(), static_cast<int>(found.size()),
                                       static_cast<int>(std::max<std::int64_t>(left, 0)));
        for (int i = 0; i < count; ++i) handle(found[static_cast<std::size_t>(i)].data.u64);
        if (Clock::now() >= until) return;
    }
}

inline void Crowd::handle(std::size_t number) {
    auto& client = clients_[number];
    if (client.state == State::connecting) {
        int error = 0;
        ::socklen_t size = sizeof error;
        ::getsockopt(client.fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) throw std::runtime_error(fmt::format("client {} can't connect: {}", number, ::strerror(error)));
        auto request = fmt::format(
            "GET {} HTTP/1.1\r\nHost: kiroku\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
            "13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            client.greeting.path);
        if (!client.greeting.protocol.empty())
            request += fmt::format("Sec-WebSocket-Protocol: {}\r\n", client.greeting.protocol);
        request += "\r\n";
        if (::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return;  // not connected yet
        client.state = State::upgrading;
        return;
    }
    read(client, number);
}

inline void Crowd::read(Client& client, std::size_t number) {
    std::array<char, 16 * 1024> some;
    for (;;) {
        const auto got = ::recv(client.fd, some.data(), some.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (got <= 0) throw std::runtime_error(fmt::format("client {} was hung up on", number));
        client.received.append(some.data(), static_cast<std::size_t>(got));
        if (client.state == State::upgrading) take_answer(client);
        if (client.state != State::upgrading) take_frames(client, number);
        if (static_cast<std::size_t>(got) < some.size()) return;
    }
}

inline void Crowd::take_answer(Client& client) {
    const auto end = client.received.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!client.received.starts_with("HTTP/1.1 101")) throw std::runtime_error("refused: " + client.received);
    client.received.erase(0, end + 4);
    client.state = State::greeting;
    for (const auto& message : client.greeting.messages) say(client, detail::text_frame, message);
    if (client.greeting.ready_at.empty()) set_ready(client);
}

inline void Crowd::set_ready(Client& client) {
    client.state = State::ready;
    ++ready_;
}

inline void Crowd::take_frames(Client& client, std::size_t number) {
    const auto now = Clock::now();
    std::size_t used = 0;
    for (;;) {
        const auto rest = std::string_view{client.received}.substr(used);
        const auto [header, payload] = detail::frame_in(rest);
        if (header == 0) break;
        const auto opcode = static_cast<std::uint8_t>(rest[0]) & 15;
        const auto text = rest.substr(header, payload);
        if (opcode == detail::text_frame) hear(client, number, text, now);
        if (opcode == detail::ping_frame) say(client, detail::pong_frame, text);
        if (opcode == detail::close_frame)
            throw std::runtime_error("closed: " + std::string{text.substr(std::min<std::size_t>(2, text.size()))});
        used += header + payload;
    }
    client.received.erase(0, used);
    if (client.received.empty()) std::string{}.swap(client.received);
}

inline void Crowd::hear(Client& client, std::size_t number, std::string_view text, Clock::time_point now) {
    if (client.state == State::ready) return on_message_(number, text, now);
    if (text.find(client.greeting.ready_at) != std::string_view::npos) set_ready(client);
}

inline void Crowd::say(Client& client, std::uint8_t opcode, std::string_view text) {
    const auto frame = detail::client_frame(opcode, text);
    if (::send(client.fd, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size()))
        throw std::runtime_error("a short message can't be sent");
}

}  // namespace kiroku::bench
