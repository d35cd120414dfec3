// tests/unit/gateway/live_streams_test.cpp: GET /events/stream, fed with decisions by hand.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "gateway/realtime/server_sent.hpp"
#include "tests/unit/gateway/house.hpp"
#include "tests/unit/realtime/feed.hpp"

using namespace kiroku;
using namespace kiroku::test;
using namespace std::chrono_literals;
namespace realtime = kiroku::gateway::realtime;

namespace {

Instant clock_now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

/// One event of a stream.
struct Sent {
    std::string id, event, data;

    [[nodiscard]] std::string member(const std::string& name) const {
        Told told;
        told.body = data;
        return told.member(name);
    }
};

/// The events of a body; comments and `retry` are left out.
std::vector<Sent> events_in(const std::string& body) {
    std::vector<Sent> all;
    Sent one;
    for (std::size_t begin = 0; begin < body.size();) {
        const auto line = body.substr(begin, body.find('\n', begin) - begin);
        begin += line.size() + 1;
        if (line.starts_with("id: ")) one.id = line.substr(4);
        if (line.starts_with("event: ")) one.event = line.substr(7);
        if (line.starts_with("data: ")) one.data += line.substr(6);
        if (line.empty() && !one.event.empty()) all.push_back(std::exchange(one, {}));
    }
    return all;
}

std::vector<std::string> kinds(const std::vector<Sent>& events) {
    std::vector<std::string> all;
    for (const auto& event : events) {
        const auto inner = event.data.find(R"("event":{)");
        all.push_back(event.event == "event" ? realtime::test::name_in(event.data.substr(inner + 8)) : event.event);
    }
    return all;
}

std::string request_for(const std::string& query, const std::string& fields, const std::string& version = "1.1") {
    return fmt::format("GET /events/stream{} HTTP/{}\r\nHost: a\r\n{}\r\n", query, version, fields);
}

struct Academy : House {
    Academy() {
        realtime.begin(partitions, realtime::test::from_the_start(partitions));
        realtime.take({.decisions = {}, .reached = {}, .live = true});
    }

    void happen(const std::string& name, const UserId& owner, bool is_public = false) {
        const auto slot = partitions.of("gamification", owner.value);
        const auto happened = realtime::test::event(name, owner, next_offset++, is_public);
        realtime.take({.decisions = {realtime::test::decision(slot, {happened})}, .reached = {}, .live = true});
    }

    /// Opens a stream, has things happen, ends it: what its client was told.
    std::vector<Sent> follow(const std::string& request, const std::function<void()>& things_happen) {
        Told told;
        const auto before = realtime.streams();
        const auto pending = ask_meanwhile(request, told);
        run_until([&] { return realtime.streams() > before; });
        things_happen();
        run_until([&] { return pending->done.load(); });
        CHECK(told.status == 200);
        CHECK(told.whole);
        CHECK(told.header("Content-Type") == "text/event-stream");
        last = told;
        return events_in(told.body);
    }

    /// Ends all streams of the learner's, as when a role is revoked.
    void demote(const std::string& name) {
        auto demoted = realtime::test::event("identity.role_revoked.v1", {}, next_offset++);
        demoted.demoted = user(name);
        const auto slot = partitions.slot({"identity", 0});
        realtime.take({.decisions = {realtime::test::decision(slot, {demoted})}, .reached = {}, .live = true});
    }

    realtime::Partitions partitions = realtime::test::partitions_of(2);
    std::int64_t next_offset = 0;
    Told last;
};

/// What a stream gives until it ends.
std::string read_out(net::io_context& io, realtime::LiveStream& stream) {
    std::string all;
    bool done = false;
    const auto read = [&]() -> gateway::Task<void> {
        for (std::string piece = co_await stream.next(); !piece.empty(); piece = co_await stream.next()) all += piece;
        done = true;
    };
    net::co_spawn(io, read(), net::detached);
    io.restart();
    while (!done && io.run_one_for(5s) > 0) {
    }
    CHECK(done);
    return all;
}

}  // namespace

TEST_SUITE("gateway/live_streams") {
TEST_CASE("an event is written as browsers read it") {
    CHECK(realtime::server_sent("event", "AbC_-", R"({"a":1})") == "id: AbC_-\nevent: event\ndata: {\"a\":1}\n\n");
    CHECK(realtime::server_sent("close", "", "{\r\n}") == "event: close\ndata: {\ndata: }\n\n");
    CHECK(realtime::server_sent_retry(1500ms) == "retry: 1500\n\n");
}

TEST_CASE("what happens to me is told as it happens, and the next stream goes on behind it") {
    Academy academy;
    const auto mika = House::user("mika");
    const auto first = academy.follow(request_for("", academy.bearer()), [&] {
        academy.happen("one", mika);
        academy.happen("hers", House::user("yuki"));
        academy.happen("two", mika);
        academy.demote("mika");
    });
    CHECK(kinds(first) == std::vector<std::string>{"subscribed", "one", "two", "close"});
    CHECK(first[0].member("recovered") == "false");
    CHECK(first[0].id == first[0].member("position"));
    CHECK(first[1].id == first[1].member("position"));
    CHECK(first[3].id.empty());
    CHECK(first[3].member("code") == "4403");
    CHECK(academy.last.header("X-Accel-Buffering") == "no");
    CHECK(academy.last.body.starts_with("retry: "));

    const auto fields = academy.bearer() + "Last-Event-ID: " + first[1].id + "\r\n";
    const auto rest = academy.follow(request_for("?channel=me", fields), [&] {
        academy.happen("three", mika);
        academy.demote("mika");
    });
    CHECK(kinds(rest) == std::vector<std::string>{"subscribed", "two", "three", "close"});
    CHECK(rest[0].member("recovered") == "true");
}

TEST_CASE("several channels are one stream with one id") {
    Academy academy;
    const auto mika = House::user("mika");
    const std::string both = "?channel=me,leaderboard:global";
    const auto first = academy.follow(request_for(both, academy.bearer()), [&] {
        academy.happen("one", mika, true);
        academy.demote("mika");
    });
    CHECK(kinds(first) == std::vector<std::string>{"subscribed", "subscribed", "one", "one", "close"});
    const auto id = first[2].id;
    academy.happen("two", mika, true);
    const auto end = [&] { academy.demote("mika"); };
    const auto rest = academy.follow(request_for(both, academy.bearer() + "Last-Event-ID: " + id + "\r\n"), end);
    std::vector<std::string> heard;
    for (const auto& event : rest) {
        if (event.event == "subscribed") CHECK(event.member("recovered") == "true");
        if (event.event == "event") heard.push_back(event.member("channel"));
    }
    std::ranges::sort(heard);
    CHECK(heard == std::vector<std::string>{"leaderboard:global", "leaderboard:global", "me"});

    const auto turned =
        academy.follow(request_for("?channel=me", academy.bearer() + "Last-Event-ID: " + id + "\r\n"), end);
    CHECK(turned[0].member("recovered") == "false");
    const auto forged = academy.follow(request_for(both, academy.bearer() + "Last-Event-ID: x,y\r\n"), end);
    CHECK(forged[0].member("recovered") == "false");
    CHECK(forged[1].member("recovered") == "false");
}

TEST_CASE("who may not, and what can't be, is refused before anything is told") {
    Academy academy;
    CHECK(academy.get("/events/stream").status == 401);
    CHECK(academy.get("/events/stream", academy.bearer("ana", {"analyst"})).status == 403);
    for (const auto* channel : {"mars", "me,me", "me,", "", "me,leaderboard:global,me"}) {
        CAPTURE(channel);
        CHECK(academy.get(fmt::format("/events/stream?channel={}", channel), academy.bearer()).status == 400);
    }
    House early;
    const auto told = early.get("/events/stream", early.bearer());
    CHECK(told.status == 503);
    CHECK(told.header("Retry-After") == "1");
}

TEST_CASE("ends with its token, and says so") {
    Academy academy;
    const gateway::Caller caller{House::user("mika"), SessionId{uuid_v5({}, "s")}, "UTC", {"learner"}, {}};
    const auto token = academy.tokens.issue(caller, clock_now() - 15min - 29s);
    const auto told = academy.follow(request_for("", "Authorization: Bearer " + token + "\r\n"), [] {});
    CHECK(kinds(told) == std::vector<std::string>{"subscribed", "close"});
    CHECK(told.back().member("code") == "4401");
}

TEST_CASE("ends with its login session, and with the gateway") {
    Academy academy;
    const auto revoked = academy.follow(request_for("", academy.bearer()), [&] {
        auto ended = realtime::test::event("identity.session_revoked.v1", {}, academy.next_offset++);
        ended.revoked = SessionId{uuid_v5({}, "mika's phone")};
        ended.time = clock_now();
        const auto slot = academy.partitions.slot({"identity", 0});
        academy.realtime.take({.decisions = {realtime::test::decision(slot, {ended})}, .reached = {}, .live = true});
    });
    CHECK(revoked.back().member("code") == "4403");
    const auto stopped = academy.follow(request_for("", academy.bearer("yuki")), [&] { academy.realtime.stop(); });
    CHECK(stopped.back().member("code") == "1012");
    CHECK(academy.get("/events/stream", academy.bearer("yuki")).status == 503);
}

TEST_CASE("of a user so many, of all together so many; who hangs up makes room, and none counts as a request") {
    Academy academy;
    const auto is_open = [&](std::size_t count) {
        academy.run_until([&] { return academy.realtime.streams() == count; });
        CHECK(academy.realtime.streams() == count);
    };
    {
        const auto one = academy.stall(request_for("", academy.bearer()));
        const auto two = academy.stall(request_for("", academy.bearer()));
        is_open(2);
        CHECK(academy.get("/events/stream", academy.bearer()).status == 429);
        const auto other = academy.stall(request_for("", academy.bearer("yuki")));
        is_open(3);
        CHECK(academy.get("/events/stream", academy.bearer("noa")).status == 503);
        academy.run_until([&] { return academy.server().requests_in_flight() == 0; });
        CHECK(academy.server().requests_in_flight() == 0);
    }
    is_open(0);
    academy.run_until([&] { return academy.server().connections() == 0; });
    CHECK(academy.server().requests_in_flight() == 0);
}

TEST_CASE("HEAD tells the header only; HTTP/1.0 is told until the connection's end") {
    Academy academy;
    const auto head =
        academy.ask("HEAD /events/stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + academy.bearer() + "\r\n");
    CHECK(head.status == 200);
    CHECK(head.header("Content-Type") == "text/event-stream");
    CHECK(academy.realtime.streams() == 0);
    const auto old = academy.follow(request_for("", academy.bearer(), "1.0"), [&] { academy.demote("mika"); });
    CHECK(academy.last.header("Transfer-Encoding").empty());
    CHECK(kinds(old) == std::vector<std::string>{"subscribed", "close"});
}

TEST_CASE("a quiet stream beats, and nothing is pushed to who was dropped") {
    Academy academy;
    academy.follow(request_for("", academy.bearer()), [&] {
        const auto until = std::chrono::steady_clock::now() + 300ms;
        academy.run_until([&] { return std::chrono::steady_clock::now() > until; });
        academy.demote("mika");
    });
    CHECK(academy.last.body.find("\n\n:\n\n:\n\n") != std::string::npos);
    academy.run_until([&] { return academy.realtime.streams() == 0; });
    CHECK(academy.realtime.streams() == 0);
    academy.happen("late", House::user("mika"));
}

TEST_CASE("a reader that is too slow is told to come back, and hears the rest then") {
    net::io_context io{1};
    const auto partitions = realtime::test::partitions_of(1);
    realtime::Hub hub{
        partitions, realtime::test::from_the_start(partitions), realtime::Positions{realtime::test::a_key()}, {}};
    realtime::RevokedSessions revoked{16min};
    realtime::Presence presence{Uuid{}, [](const std::string&) {}, {}};
    const auto mika = House::user("mika");
    const auto happen = [&](int number) {
        const auto slot = partitions.of("gamification", mika.value);
        hub.take(realtime::test::decision(slot, {realtime::test::event(std::to_string(number), mika, number)}));
    };
    realtime::StreamRequest asked{.user = mika,
                                  .session = {},
                                  .until = clock_now() + 1h,
                                  .channels = {*realtime::channel_of("me", mika)},
                                  .last_event_id = ""};
    auto slow = std::make_unique<realtime::LiveStream>(
        io, hub, presence, revoked, realtime::Outbox::Bounds{.frames = 8}, realtime::LiveStream::Pace{}, asked);
    asked.last_event_id = [&] {
        realtime::LiveStream first{io, hub, presence, revoked, {}, {}, asked};
        first.close(realtime::CloseCode::restarting, "");
        return events_in(read_out(io, first)).front().id;
    }();
    for (int number = 0; number < 20; ++number) happen(number);
    const auto told = events_in(read_out(io, *slow));
    CHECK(told.back().member("code") == "1013");
    CHECK(told.size() < 10);
    slow.reset();

    realtime::LiveStream back{io, hub, presence, revoked, {.frames = 8}, {}, asked};
    const auto end = [&]() -> gateway::Task<void> {
        net::steady_timer pause{io, 200ms};
        co_await pause.async_wait(gateway::resume);
        back.close(realtime::CloseCode::restarting, "");
    };
    net::co_spawn(io, end(), net::detached);
    const auto rest = events_in(read_out(io, back));
    CHECK(rest.size() == 22);
    CHECK(rest.front().member("recovered") == "true");
}
}
