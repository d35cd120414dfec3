// tests/bench/http_wire.hpp: as much of HTTP/1.1 as a client needs that must cost next to nothing.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kiroku::bench {

struct HttpRequest {
    std::string method = "GET";
    std::string path;
    std::string token;  ///< empty: nobody's
    std::string body;
    std::string headers;  ///< more of them, each with its line end
};

inline std::string text_of(const HttpRequest& request) {
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: kiroku\r\n{}", request.method, request.path, request.headers);
    if (!request.token.empty()) text += fmt::format("Authorization: Bearer {}\r\n", request.token);
    if (request.method != "GET")
        text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", request.body.size());
    return text + "\r\n" + request.body;
}

/// A header that makes a POST tellable again, never the same one twice in this process.
inline std::string new_idempotency_key() {
    static std::uint64_t count = 0;
    static const auto process = fmt::format("{:x}-{:x}", ::getpid(), static_cast<std::uint64_t>(::time(nullptr)));
    return fmt::format("Idempotency-Key: {}-{}\r\n", process, ++count);
}

struct HttpAnswer {
    int status = 0;
    std::string_view body;
    std::size_t bytes = 0;  ///< of the whole answer
};

/// The first answer in `text`, once it is whole. Only answers with a Content-Length, or without a body (204), are
/// understood.
inline std::optional<HttpAnswer> answer_in(std::string_view text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string_view::npos || text.size() < 12) return std::nullopt;
    HttpAnswer answer;
    std::from_chars(text.data() + 9, text.data() + 12, answer.status);
    std::size_t length = 0;
    constexpr std::string_view name = "\r\ncontent-length:";
    for (auto line = text.find("\r\n"); line < head; line = text.find("\r\n", line + 2)) {
        if (::strncasecmp(text.data() + line, name.data(), name.size()) != 0) continue;
        auto digits = line + name.size();
        while (text[digits] == ' ') ++digits;
        std::from_chars(text.data() + digits, text.data() + head, length);
        break;
    }
    answer.bytes = head + 4 + length;
    if (text.size() < answer.bytes) return std::nullopt;
    answer.body = text.substr(head + 4, length);
    return answer;
}

/// A connection to the gateway on this machine, as a file descriptor. Throws if there is nobody.
inline int connect_to(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<::sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        throw std::runtime_error(fmt::format("nobody answers on port {}", port));
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

/// One connection, one request at a time, waited for.
class HttpClient {
public:
    explicit HttpClient(int port) : socket_(connect_to(port)) {}
    ~HttpClient() {
        if (socket_ >= 0) ::close(socket_);
    }
    HttpClient(HttpClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}
    HttpClient& operator=(HttpClient&&) = delete;

    /// The answer's body lives until the next call. Throws if the connection is lost.
    HttpAnswer ask(const HttpRequest& request) {
        const auto text = text_of(request);
        if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) lost();
        received_.clear();
        while (true) {
            if (const auto answer = answer_in(received_)) return *answer;
            const auto before = received_.size();
            received_.resize(before + 8192);
            const auto got = ::recv(socket_, received_.data() + before, 8192, 0);
            received_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
            if (got <= 0) lost();
        }
    }

    /// The same; throws unless the status is `wanted`.
    std::string_view expect(int wanted, const HttpRequest& request) {
        const auto answer = ask(request);
        if (answer.status == wanted) return answer.body;
        throw std::runtime_error(
            fmt::format("{} {} was answered {}: {}", request.method, request.path, answer.status, answer.body));
    }

private:
    [[noreturn]] static void lost() { throw std::runtime_error("the gateway closed the connection"); }

    int socket_;
    std::string received_;
};

}  // namespace kiroku::bench
