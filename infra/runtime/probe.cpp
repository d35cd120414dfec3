// infra/runtime/probe.cpp: plain sockets and /proc.
#include "infra/runtime/probe.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace kiroku::runtime {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A socket that closes itself.
class Socket {
public:
    Socket() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {}
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    bool bind(std::uint16_t port) const {
        const int yes = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const auto address = loopback(port);
        return ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd_, 1) == 0;
    }

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    bool connect(std::uint16_t port, std::chrono::milliseconds patience) const {
        const timeval limit{patience.count() / 1000, (patience.count() % 1000) * 1000};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        const auto address = loopback(port);
        return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    int number() const { return fd_; }

    std::optional<std::string> exchange(std::string_view request) const {
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            return {};
        std::array<char, 4096> answer{};
        const auto size = ::recv(fd_, answer.data(), answer.size(), 0);
        if (size <= 0) return {};
        return std::string{answer.data(), static_cast<std::size_t>(size)};
    }

private:
    int fd_;
};

/// The 22nd field of /proc/PID/stat, when the process started in ticks since boot; 0 if there is none.
unsigned long long start_of(int pid) {
    std::ifstream file{fmt::format("/proc/{}/stat", pid)};
    std::string stat;
    std::getline(file, stat);
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields{stat.substr(name_end + 2)};
    std::string field;
    fields >> field;
    if (field == "Z") return 0;
    for (int skipped = 4; skipped <= 21; ++skipped) fields >> field;
    unsigned long long start = 0;
    fields >> start;
    return start;
}

}  // namespace

bool port_is_free(std::uint16_t port) { return Socket{}.bind(port); }

std::uint16_t some_free_port() {
    const Socket socket;
    return socket.bind(0) ? socket.port() : 0;
}

std::optional<std::string> ask(std::uint16_t port, std::string_view request, std::chrono::milliseconds patience) {
    const Socket socket;
    if (!socket.connect(port, patience)) return {};
    return socket.exchange(request);
}

std::optional<int> http_status(std::uint16_t port, std::string_view path, std::chrono::milliseconds patience,
                               const Exchange& exchange) {
    const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
    const Socket socket;
    if (!socket.connect(port, patience)) return {};
    const auto answer = exchange ? exchange(socket.number(), request) : socket.exchange(request);
    constexpr std::string_view version = "HTTP/1.1 ";
    if (!answer || !answer->starts_with(version)) return {};
    int status = 0;
    std::from_chars(answer->data() + version.size(), answer->data() + answer->size(), status);
    return status;
}

std::optional<int> still_running(std::string_view recorded) {
    std::istringstream words{std::string{recorded}};
    int pid = 0;
    unsigned long long start = 0;
    if (!(words >> pid >> start) || start == 0 || start_of(pid) != start) return {};
    return pid;
}

std::string identify(int pid) { return fmt::format("{} {}", pid, start_of(pid)); }

}  // namespace kiroku::runtime
