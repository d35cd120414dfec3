// tests/unit/tracing/exporter_test.cpp: spans on their way to a collector that may be there, slow, or gone.
#include "infra/tracing/exporter.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>

using namespace kiroku;
using namespace std::chrono_literals;
using std::chrono::steady_clock;
using tracing::Exporter;
using tracing::Span;

namespace {

/// A port of this machine that lets connections in. Whether it answers is the test's affair.
class Listener {
public:
    Listener() : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(fd_, 8) == 0);
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
    }
    ~Listener() { ::close(fd_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Answers one request; what it said.
    [[nodiscard]] std::string answer(const std::string& status) const {
        const int peer = ::accept(fd_, nullptr, nullptr);
        std::string heard;
        std::array<char, 4096> piece{};
        while (!heard.ends_with("]}]}]}")) {
            const auto size = ::recv(peer, piece.data(), piece.size(), 0);
            if (size <= 0) break;
            heard.append(piece.data(), static_cast<std::size_t>(size));
        }
        const auto text = "HTTP/1.1 " + status + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        static_cast<void>(::send(peer, text.data(), text.size(), MSG_NOSIGNAL));
        ::close(peer);
        return heard;
    }

    int port = 0;

private:
    int fd_;
};

Exporter::Settings settings_for(int port) {
    return {.url = fmt::format("http://127.0.0.1:{}/v1/traces", port),
            .origin = {"kiroku-test", "here-1"},
            .most_waiting = 100,
            .batch = 10,
            .pause = 20ms,
            .patience = 60'000ms,
            .farewell = 200ms};
}

Span span(const std::string& name) {
    return {.context = tracing::new_trace(true), .name = name, .begin = tracing::Clock::now()};
}

template <class Done>
void wait_until(Done done) {
    const auto until = steady_clock::now() + 30s;
    while (!done() && steady_clock::now() < until) std::this_thread::sleep_for(1ms);
    CHECK(done());
}

}  // namespace

TEST_SUITE("span exporter") {
TEST_CASE("what is added arrives, in one request") {
    const Listener collector;
    auto heard = std::async(std::launch::async, [&] { return collector.answer("200 OK"); });
    Exporter exporter{settings_for(collector.port)};
    exporter.add(span("first"));
    exporter.add(span("second \"quoted\"\n"));
    const auto text = heard.get();
    CHECK(text.starts_with("POST /v1/traces HTTP/1.1\r\n"));
    CHECK(text.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(text.find(R"({"key":"service.name","value":{"stringValue":"kiroku-test"}})") != std::string::npos);
    CHECK(text.find(R"("name":"first","kind":1,"startTimeUnixNano":")") != std::string::npos);
    wait_until([&] { return exporter.counts().exported > 0; });
}

TEST_CASE("a refusal is counted and not tried again") {
    const Listener collector;
    auto heard = std::async(std::launch::async, [&] { return collector.answer("503 Service Unavailable"); });
    Exporter exporter{settings_for(collector.port)};
    exporter.add(span("first"));
    wait_until([&] { return exporter.counts().failed == 1; });
    CHECK(exporter.counts().exported == 0);
}

TEST_CASE("a collector that never answers keeps nobody waiting, and drops what is too much") {
    const Listener collector;
    const auto begun = steady_clock::now();
    {
        Exporter exporter{settings_for(collector.port)};
        for (int i = 0; i < 10'000; ++i) exporter.add(span("one of many"));
        CHECK(exporter.counts().dropped >= 9'000);
    }
    CHECK(steady_clock::now() - begun < 15s);  // a minute's patience is not waited for at the end
}

TEST_CASE("a collector that is not there is only counted") {
    int port = 0;
    {
        const Listener gone;
        port = gone.port;
    }
    Exporter exporter{settings_for(port)};
    for (int i = 0; i < 10; ++i) exporter.add(span("lost"));
    wait_until([&] { return exporter.counts().failed == 10; });
}

TEST_CASE("a span in OTLP's JSON: ids in hex, times and integers as strings") {
    Span told{.context = tracing::read_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
              .parent = {1, 2, 3, 4, 5, 6, 7, 8},
              .kind = tracing::SpanKind::server,
              .name = "GET /me",
              .begin = tracing::Clock::time_point{1'700'000'000s},
              .end = tracing::Clock::time_point{1'700'000'001s},
              .attributes = {{"http.response.status_code", 200}, {"http.route", "/me"}},
              .failed = true};
    CHECK(
        tracing::export_request({"kiroku-gateway", "h-1"}, {&told, 1}) ==
        R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"kiroku-gateway"}},)"
        R"({"key":"service.instance.id","value":{"stringValue":"h-1"}}]},"scopeSpans":[{"scope":{"name":"kiroku"},)"
        R"("spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","parentSpanId":)"
        R"("0102030405060708","name":"GET /me","kind":2,"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":)"
        R"("1700000001000000000","attributes":[{"key":"http.response.status_code","value":{"intValue":"200"}},)"
        R"({"key":"http.route","value":{"stringValue":"/me"}}],"status":{"code":2}}]}]}]})");
}
}
