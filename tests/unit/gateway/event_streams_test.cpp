// tests/unit/gateway/event_streams_test.cpp: GET /analytics/events over a log that a test makes up.
#include "gateway/analytics/event_streams.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <thread>

#include "infra/kafka/record.hpp"
#include "infra/replay/ranges.hpp"
#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;
using namespace std::chrono_literals;

namespace {

/// What the feeds of a test have in common.
struct Log {
    int events = 5;
    std::size_t event_bytes = 20;
    bool ends = true;  ///< false: more may come, but doesn't
    int breaks_after = -1;
    std::atomic<int> open = 0, handed = 0;
};

/// Event n is the n-th line; the position says where it goes on.
class MadeUpFeed final : public gateway::EventFeed {
public:
    MadeUpFeed(Log& log, const gateway::EventsQuery& query) : log_{log} {
        ++log_.open;
        if (!query.rest.empty()) next_ = static_cast<int>(query.rest.front().first.value);
    }
    ~MadeUpFeed() override { --log_.open; }

    bool turn(const OnEvent& on_event) override {
        while (next_ < log_.events) {
            if (next_ == log_.breaks_after) throw std::runtime_error("the log is damaged");
            ++log_.handed;
            if (!on_event(fmt::format(R"({{"n":{:0{}}}})", next_++, log_.event_bytes))) return false;
        }
        if (!log_.ends) std::this_thread::sleep_for(1ms);
        return !log_.ends;
    }
    [[nodiscard]] std::vector<replay::Rest> rest() const override { return {{{"gamification", 0}, Offset{next_}, {}}}; }

private:
    Log& log_;
    int next_ = 0;
};

struct Academy : House {
    explicit Academy(gateway::Settings settings = quick()) : House{std::move(settings)} {
        feed = [this](const gateway::EventsQuery& query) { return std::make_unique<MadeUpFeed>(events, query); };
        event_streams.watch(metrics);
    }
    ~Academy() {
        run_until([this] { return event_streams.open_streams() == 0; });
    }

    std::string ana() { return bearer("ana", {"learner", "analyst"}); }
    Told stream(const std::string& query = "") { return get("/analytics/events" + query, ana()); }
    bool comes_to(const std::function<bool()>& state) {
        run_until(state);
        return state();
    }
    double measured(const std::string& name) {
        const auto text = get("/metrics").body;
        return std::stod(text.substr(text.find("\n" + name + " ") + name.size() + 2));
    }

    Log events;
};

std::string last_line(const Told& told) {
    const auto end = told.body.rfind('\n');
    return told.body.substr(told.body.rfind('\n', end - 1) + 1, end - told.body.rfind('\n', end - 1) - 1);
}

long lines(const Told& told) { return std::ranges::count(told.body, '\n'); }

std::string cursor_in(const Told& told) {
    Told control;
    control.body = last_line(told);
    return control.member("nextCursor");
}

}  // namespace

TEST_SUITE("gateway/event_streams") {
TEST_CASE("only analysts read the log") {
    Academy academy;
    CHECK(academy.get("/analytics/events").status == 401);
    CHECK(academy.get("/analytics/events", academy.bearer()).status == 403);
    CHECK(academy.get("/analytics/events", academy.bearer("otto", {"learner", "operator"})).status == 403);
    CHECK(academy.stream().status == 200);
    CHECK(academy.get("/me", academy.bearer("ana", {"analyst"})).status == 403);
}

TEST_CASE("events come a line each, and a last one tells how far") {
    Academy academy;
    const auto told = academy.stream();
    CHECK(told.header("Content-Type") == "application/x-ndjson");
    CHECK(told.header("Transfer-Encoding") == "chunked");
    CHECK(told.header("Content-Length").empty());
    CHECK(told.whole);
    CHECK(lines(told) == 6);
    CHECK(told.body.starts_with("{\"n\":00000000000000000000}\n{\"n\":0"));
    CHECK(last_line(told).starts_with(R"({"type":"kiroku.page.v1","events":5,"complete":true,"ended":"end",)"));
    CHECK(academy.measured("kiroku_event_streams_events_total") == 5);
}

TEST_CASE("page by page by cursor each comes once, those that came since, too") {
    Academy academy;
    academy.events.events = 50;
    std::string all, cursor;
    for (int page = 0; page < 8; ++page) {
        auto told = academy.stream("?limit=7" + (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(told.status == 200);
        cursor = cursor_in(told);
        const auto control = last_line(told);
        CHECK((control.find(R"("complete":true)") != std::string::npos) == (page == 7));
        all += told.body.substr(0, told.body.size() - control.size() - 1);
        if (page == 3) academy.events.events = 53;
    }
    std::string expected;
    for (int n = 0; n < 53; ++n) expected += fmt::format("{{\"n\":{:020}}}\n", n);
    CHECK(all == expected);
    CHECK(lines(academy.stream("?limit=7&cursor=" + cursor)) == 1);
}

TEST_CASE("what makes no sense is refused before anything is streamed") {
    Academy academy;
    const auto where = academy.stream("?where=data.amount+%3E");
    CHECK(where.status == 400);
    CHECK(where.member("parameter") == "where");
    CHECK(where.member("column") == "14");
    CHECK(academy.stream("?cursor=AAAA").member("parameter") == "cursor");
    CHECK(academy.stream("?limit=100001").status == 400);
    CHECK(academy.stream("?follow=1").member("code") == "unknown_parameter");
    CHECK(academy.events.handed == 0);
    academy.feed = [](const auto&) -> std::unique_ptr<gateway::EventFeed> { throw replay::UnknownPartition("a/9"); };
    CHECK(academy.stream().status == 400);
    academy.feed = [](const auto&) -> std::unique_ptr<gateway::EventFeed> { throw kafka::BrokerError("gone"); };
    CHECK(academy.stream().status == 503);
    academy.feed = [](const auto&) -> std::unique_ptr<gateway::EventFeed> { throw std::runtime_error("a bug"); };
    CHECK(academy.stream().status == 500);
}

TEST_CASE("a log that can't be read on ends the stream with a cursor, not with success") {
    Academy academy;
    academy.events.breaks_after = 3;
    const auto told = academy.stream();
    CHECK(told.whole);
    CHECK(last_line(told).starts_with(R"({"type":"kiroku.page.v1","events":3,"complete":false,"ended":"failed",)"));
    academy.events.breaks_after = -1;
    CHECK(lines(academy.stream("?cursor=" + cursor_in(told))) == 3);
}

TEST_CASE("a client that doesn't read holds the reading up, and is cut off") {
    auto settings = House::quick();
    settings.write_deadline = 300ms;
    Academy academy{settings};
    academy.events.events = 100'000;
    academy.events.event_bytes = 1'000;
    const auto target = "GET /analytics/events?limit=100000 HTTP/1.1\r\nHost: a\r\n" + academy.ana() + "\r\n";
    {
        const auto stalled = academy.stall(target);
        CHECK(academy.comes_to([&] { return academy.events.handed > 1'000; }));
        CHECK(academy.comes_to([&] { return academy.event_streams.open_streams() == 0; }));
    }
    CHECK(academy.events.handed < 50'000);
    CHECK(academy.events.open == 0);
}

TEST_CASE("a client that hangs up ends the reading, even where nothing is found for it") {
    Academy academy;
    academy.events.events = 0;
    academy.events.ends = false;
    {
        const auto waiting = academy.stall("GET /analytics/events HTTP/1.1\r\nHost: a\r\n" + academy.ana() + "\r\n");
        CHECK(academy.comes_to([&] { return academy.events.open == 1; }));
        CHECK(academy.measured("kiroku_event_streams") == 1);
    }
    CHECK(academy.comes_to([&] { return academy.event_streams.open_streams() == 0; }));
    CHECK(academy.events.open == 0);
    CHECK(academy.measured("kiroku_event_streams") == 0);
}

TEST_CASE("of a user two at a time, of all together as many as may be; a place that is free again is given") {
    Academy academy;
    academy.events.events = 0;
    academy.events.ends = false;
    const auto asking = [&](const std::string& who) {
        return "GET /analytics/events HTTP/1.1\r\nHost: a\r\n" + academy.bearer(who, {"analyst"}) + "\r\n";
    };
    {
        const auto one = academy.stall(asking("ana"));
        const auto two = academy.stall(asking("ana"));
        CHECK(academy.comes_to([&] { return academy.events.open == 2; }));
        const auto third = academy.ask(asking("ana"));
        CHECK(third.status == 429);
        CHECK(third.member("code") == "too_many_requests");
        CHECK(third.header("Retry-After") == "1");
        const auto other = academy.stall(asking("ben"));
        CHECK(academy.comes_to([&] { return academy.events.open == 3; }));
        const auto full = academy.ask(asking("cleo"));
        CHECK(full.status == 503);
        CHECK(full.header("Retry-After") == "1");
        CHECK(academy.measured("kiroku_event_streams_refused_total") == 2);
    }
    CHECK(academy.comes_to([&] { return academy.event_streams.open_streams() == 0; }));
    academy.events.ends = true;
    CHECK(academy.stream().status == 200);
}

TEST_CASE("a gateway that stops ends its streams with their cursors, and opens none") {
    Academy academy;
    academy.events.ends = false;
    Told told;
    const auto pending =
        academy.ask_meanwhile("GET /analytics/events HTTP/1.1\r\nHost: a\r\n" + academy.ana() + "\r\n", told);
    CHECK(academy.comes_to([&] { return academy.events.handed == 5; }));
    academy.event_streams.drain();
    CHECK(academy.comes_to([&] { return pending->done.load(); }));
    CHECK(told.whole);
    CHECK(last_line(told).starts_with(R"({"type":"kiroku.page.v1","events":5,"complete":false,"ended":"draining",)"));
    CHECK(academy.stream().status == 503);
}

TEST_CASE("HEAD tells the header and reads nothing; HTTP/1.0 is told by the connection's end") {
    Academy academy;
    const auto head =
        academy.ask("HEAD /analytics/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + academy.ana() + "\r\n");
    CHECK(head.status == 200);
    CHECK(head.header("Content-Type") == "application/x-ndjson");
    CHECK(academy.events.handed == 0);
    const auto old =
        academy.ask("GET /analytics/events HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n" + academy.ana() + "\r\n");
    CHECK(old.status == 200);
    CHECK(old.header("Transfer-Encoding").empty());
    CHECK(old.header("Connection") == "close");
    CHECK(lines(old) == 6);
}

TEST_CASE("behind a stream the connection lives on") {
    Academy academy;
    const auto one = "GET /analytics/events HTTP/1.1\r\nHost: a\r\n" + academy.ana() + "\r\n";
    const auto told = academy.exchange({one + one + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"}, 3);
    REQUIRE(told.size() == 3);
    CHECK(lines(told[1]) == 6);
    CHECK(told[2].status == 200);
}
}

TEST_SUITE("gateway/event_streams") {
TEST_CASE("a stream that takes too long ends with its cursor") {
    net::io_context io{1};
    Log events;
    events.ends = false;
    gateway::EventStreams streams{io,
                                  [&](const auto& query) { return std::make_unique<MadeUpFeed>(events, query); },
                                  {"gamification"},
                                  crypto::Secret::random(),
                                  {.within = 50ms}};
    std::string body;
    const auto read = [&]() -> gateway::Task<void> {
        gateway::EventsQuery query;
        auto opened = co_await streams.open(std::move(query), UserId{});
        REQUIRE(opened.has_value());
        for (std::string piece = co_await (*opened)->next(); !piece.empty(); piece = co_await (*opened)->next())
            body += piece;
    };
    net::co_spawn(io, read(), net::detached);
    io.run_for(10s);
    CHECK(body.find(R"("events":5,"complete":false,"ended":"time")") != std::string::npos);
}
}
