// tests/unit/gateway/house.cpp: a whole gateway on a loopback port, over a log in memory and without a database.
#include "tests/unit/gateway/house.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

namespace kiroku::test {
namespace {

using namespace std::chrono_literals;

class Client {
public:
    explicit Client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// Null: the gateway has closed, or says nothing any more.
    std::optional<Told> read() {
        Told told;
        while (received_.find("\r\n\r\n") == std::string::npos) {
            if (!more()) return std::nullopt;
        }
        told.head = received_.substr(0, received_.find("\r\n\r\n") + 2);
        received_.erase(0, told.head.size() + 2);
        told.status = std::stoi(told.head.substr(9));
        if (told.header("Transfer-Encoding") == "chunked") return read_chunks(std::move(told));
        const auto length = told.header("Content-Length");
        const bool until_closed = length.empty() && told.header("Connection") == "close" && told.status == 200;
        const std::size_t size = until_closed ? std::string::npos : length.empty() ? 0 : std::stoul(length);
        while (received_.size() < size) {
            if (!more()) break;
        }
        told.body = received_.substr(0, size);
        received_.erase(0, size);
        return told;
    }

private:
    std::optional<Told> read_chunks(Told told) {
        for (;;) {
            while (received_.find("\r\n") == std::string::npos) {
                if (!(told.whole = more())) return told;
            }
            const auto size = std::stoul(received_, nullptr, 16);
            const auto begin = received_.find("\r\n") + 2;
            while (received_.size() < begin + size + 2) {
                if (!(told.whole = more())) return told;
            }
            told.body += received_.substr(begin, size);
            received_.erase(0, begin + size + 2);
            if (size == 0) return told;
        }
    }

    bool more() {
        char bytes[4096];
        const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got <= 0) return false;
        received_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int fd_;
    std::string received_;
};

}  // namespace

std::string Told::header(std::string_view name) const {
    const auto at = head.find(fmt::format("\r\n{}: ", name));
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string Told::member(std::string_view name) const {
    const std::string wanted = fmt::format("\"{}\":", name);
    const auto at = body.find(wanted);
    if (at == std::string::npos) return "";
    auto begin = at + wanted.size();
    const bool is_text = body[begin] == '"';
    begin += is_text ? 1 : 0;
    return body.substr(begin, body.find_first_of(is_text ? "\"" : ",}]", begin) - begin);
}

gateway::Settings House::quick() {
    gateway::Settings settings;
    settings.port = 0;
    settings.header_deadline = 300ms;
    settings.body_deadline = 300ms;
    settings.idle_deadline = 300ms;
    settings.caused_deadline = 100ms;
    settings.position_deadline = 100ms;
    settings.password = {.passes = 2, .memory_bytes = 1 << 20};
    return settings;
}

gateway::realtime::Realtime::Settings House::live() {
    gateway::realtime::Realtime::Settings settings;
    settings.streams = {.streams = 3, .of_a_user = 2, .heartbeat = 50ms, .outbox = {}};
    return settings;
}

House::House(gateway::Settings given)
    : settings{std::move(given)},
      commands_{
          io,
          [this](kiroku::log::CommandRecord record, std::chrono::milliseconds timeout,
                 commands::CommandClient::OnAnswer done) { log.send(std::move(record), timeout, std::move(done)); },
          settings.command_deadline},
      server_{io, router_,
              gateway::Services{settings, keys,         rules_,        reads_,        lookups_,  commands_,
                                intents_, log,          consequences_, tokens,        log,       passwords_,
                                shelf,    metrics,      readiness,     event_streams, contract_, realtime,
                                audit,    rate_limits_, copies_,       kept_,         cursors_},
              entry_} {
    gateway::add_all_routes(router_);
    contract_ = contract_of(router_);
    server_.start();
}

House::~House() {
    drain();
    run_until([this] { return drained; });
    io.run_for(10ms);
}

void House::drain() {
    if (std::exchange(draining_, true)) return;
    realtime.stop();
    net::co_spawn(io, server_.drain(2s), [this](const std::exception_ptr&) { drained = true; });
}

void House::run_until(const std::function<bool()>& done) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!done() && std::chrono::steady_clock::now() < until) io.run_one_for(10ms);
}

std::vector<Told> House::exchange(std::vector<std::string> pieces, std::size_t answers,
                                  std::chrono::milliseconds between) {
    std::vector<Told> told;
    std::atomic<bool> done = false;
    {
        const std::jthread talking{[&] {
            Client client{server_.port()};
            for (const auto& piece : pieces) {
                client.send(piece);
                std::this_thread::sleep_for(between);
            }
            while (told.size() < answers) {
                auto one = client.read();
                if (!one) break;
                told.push_back(std::move(*one));
            }
            done = true;
        }};
        run_until([&] { return done.load(); });
    }
    return told;
}

std::unique_ptr<House::Pending> House::ask_meanwhile(std::string bytes, Told& answer) {
    auto pending = std::make_unique<Pending>();
    pending->talking = std::jthread{[&done = pending->done, &answer, port = server_.port(), bytes = std::move(bytes)] {
        Client client{port};
        client.send(bytes);
        if (auto told = client.read()) answer = std::move(*told);
        done = true;
    }};
    return pending;
}

std::shared_ptr<void> House::stall(const std::string& bytes) {
    auto client = std::make_shared<Client>(server_.port());
    client->send(bytes);
    return client;
}

Told House::get(const std::string& target, const std::string& fields) {
    return ask(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", target, fields));
}

Told House::post(const std::string& target, const std::string& body, const std::string& fields) {
    return ask(
        fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{}",
                    target, body.size(), fields, body));
}

std::string House::bearer(const std::string& name, std::vector<std::string> roles) {
    const gateway::Caller caller{
        user(name), SessionId{uuid_v5({}, name + "'s phone")}, "Europe/Berlin", std::move(roles), {}};
    return "Authorization: Bearer " + tokens.issue(caller, log.now) + "\r\n";
}

}  // namespace kiroku::test
