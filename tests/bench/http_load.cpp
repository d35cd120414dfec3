// tests/bench/http_load.cpp: one request after the other on each of N kept connections, by many learners, in one
// thread. With --back-off S, whoever is told that it is too much waits S seconds before asking again.
#include <fcntl.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <deque>
#include <map>

#include "tests/bench/arguments.hpp"
#include "tests/bench/http_wire.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

constexpr std::size_t read_bytes = 16 * 1024;
constexpr int turn_ms = 100;
constexpr int too_much = 503, unchanged = 304;

/// What to ask for: the paths in turn, as the learners in turn.
class Requests {
public:
    explicit Requests(const Arguments& arguments)
        : method_(arguments.text("method", "GET")), body_(arguments.text("body", "")), paths_(arguments.all("path")) {
        for (const auto& header : arguments.all("header")) headers_ += header + "\r\n";
        if (!arguments.all("tokens").empty()) tokens_ = arguments.lines("tokens");
    }

    /// A connection stays with one learner, as in life.
    std::string next(std::size_t connection) {
        HttpRequest request{
            .method = method_, .path = paths_[asked_++ % paths_.size()], .token = {}, .body = body_, .headers = {}};
        if (!tokens_.empty()) request.token = tokens_[connection % tokens_.size()];
        request.headers = headers_;
        if (method_ != "GET") request.headers += new_idempotency_key();
        return text_of(request);
    }

private:
    std::string method_;
    std::string body_;
    std::vector<std::string> paths_;
    std::vector<std::string> tokens_;
    std::string headers_;
    std::size_t asked_ = 0;
};

struct Connection {
    int socket = -1;
    std::string received;
    Clock::time_point began;
};

class Load {
public:
    Load(int port, int connections, Requests requests, double back_off)
        : requests_(std::move(requests)),
          back_off_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(back_off))),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          connections_(static_cast<std::size_t>(connections)) {
        for (std::size_t number = 0; number < connections_.size(); ++number) open(number, port);
    }
    ~Load() {
        for (const auto& connection : connections_) ::close(connection.socket);
        ::close(epoll_);
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    void run(const Window& window) {
        for (std::size_t number = 0; number < connections_.size(); ++number) ask(number);
        std::array<::epoll_event, 256> ready{};
        while (Clock::now() < window.to) {
            const int count = ::epoll_wait(epoll_, ready.data(), ready.size(), resting_.empty() ? turn_ms : 1);
            for (; !resting_.empty() && resting_.front().first <= Clock::now(); resting_.pop_front())
                ask(resting_.front().second);
            for (int at = 0; at < count; ++at) hear(ready[static_cast<std::size_t>(at)].data.u64, window);
        }
    }

    [[nodiscard]] const Latencies& latencies() const { return latencies_; }
    [[nodiscard]] const Latencies& shed() const { return shed_; }
    [[nodiscard]] std::size_t answered() const { return answered_; }  ///< warming up included

    /// How many answers with which status other than 2xx, as a JSON object.
    [[nodiscard]] std::string errors() const {
        std::string out;
        for (const auto& [status, count] : errors_)
            out += fmt::format(R"({}"{}":{})", out.empty() ? "" : ",", status, count);
        return "{" + out + "}";
    }
    [[nodiscard]] const std::string& last_error() const { return last_error_; }

private:
    void open(std::size_t number, int port) {
        auto& connection = connections_[number];
        connection.socket = connect_to(port);
        ::fcntl(connection.socket, F_SETFL, O_NONBLOCK);
        ::epoll_event wanted{.events = EPOLLIN, .data = {.u64 = number}};
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &wanted);
    }

    void ask(std::size_t number) {
        auto& connection = connections_[number];
        const auto text = requests_.next(number);
        connection.received.clear();
        connection.began = Clock::now();
        // A request is far smaller than an empty socket buffer.
        if (::send(connection.socket, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("the gateway closed a connection");
        }
    }

    void hear(std::size_t number, const Window& window) {
        auto& connection = connections_[number];
        std::array<char, read_bytes> buffer;
        const auto got = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) throw std::runtime_error("the gateway closed a connection");
        connection.received.append(buffer.data(), static_cast<std::size_t>(got));
        const auto answer = answer_in(connection.received);
        if (!answer) return;
        ++answered_;
        const auto now = Clock::now();
        if (window.holds(now)) note(*answer, now - connection.began);
        if (answer->status == too_much && back_off_.count() > 0)
            return resting_.emplace_back(now + back_off_, number), void();
        ask(number);
    }

    void note(const HttpAnswer& answer, std::chrono::nanoseconds took) {
        if (answer.status / 100 == 2 || answer.status == unchanged) return latencies_.add(took);
        if (answer.status == too_much) shed_.add(took);
        ++errors_[answer.status];
        last_error_ = answer.body;
    }

    Requests requests_;
    Clock::duration back_off_;
    std::deque<std::pair<Clock::time_point, std::size_t>> resting_;  // until when, and which connection
    int epoll_;
    std::vector<Connection> connections_;
    Latencies latencies_, shed_;
    std::size_t answered_ = 0;
    std::map<int, int> errors_;
    std::string last_error_;
};

std::string measure(const Arguments& arguments) {
    Load load{arguments.count("port", 8080), arguments.count("in-flight", 1), Requests{arguments},
              arguments.number("back-off", 0)};
    const auto window = Window::after(arguments.number("warm", 1), arguments.number("seconds", 5));
    const auto cpu = own_cpu_seconds();
    load.run(window);
    if (!load.last_error().empty()) std::fprintf(stderr, "an error: %s\n", load.last_error().c_str());
    return fmt::format(R"({{{},"total":{},"errors":{},"shed":{{{}}},"clientCpu":{:.3f}}})",
                       load.latencies().members(window.length()), load.answered(), load.errors(),
                       load.shed().members(window.length()), own_cpu_seconds() - cpu);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
