// tests/unit/realtime/outbox_test.cpp: a slow reader costs a bounded queue and then its connection, nobody else
// anything.
#include "gateway/realtime/outbox.hpp"

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

TEST_SUITE("realtime: outbox") {
TEST_CASE("gives frames in order and tells of each") {
    int told = 0;
    Outbox outbox{{}, [&] { ++told; }};
    for (int i = 0; i < 10; ++i) outbox.push(std::to_string(i));
    CHECK(told == 10);
    for (int i = 0; i < 10; ++i) {
        CHECK(*outbox.take() == std::to_string(i));
        outbox.push(std::to_string(10 + i));
    }
    CHECK(outbox.size() == 10);
    for (int i = 10; i < 20; ++i) CHECK(*outbox.take() == std::to_string(i));
    CHECK(outbox.empty());
}

TEST_CASE("closes instead of growing beyond its number of frames") {
    Outbox outbox{{.frames = 3, .bytes = 1000}, [] {}};
    for (int i = 0; i < 3; ++i) outbox.push("x");
    CHECK_FALSE(outbox.closing());
    outbox.push("one too many");
    REQUIRE(outbox.closing());
    CHECK(outbox.closing()->code == CloseCode::too_slow);
    CHECK(outbox.empty());
}

TEST_CASE("closes instead of growing beyond its bytes") {
    Outbox outbox{{.frames = 100, .bytes = 10}, [] {}};
    outbox.push("0123456789");
    CHECK_FALSE(outbox.closing());
    CHECK(*outbox.take() == "0123456789");
    outbox.push("01234");
    outbox.push("56789");
    outbox.push("x");
    CHECK(outbox.closing()->code == CloseCode::too_slow);
}

TEST_CASE("has room for the past up to half of its bounds") {
    Outbox outbox{{.frames = 4, .bytes = 1000}, [] {}};
    outbox.push("1");
    CHECK(outbox.has_room());
    outbox.push("2");
    CHECK_FALSE(outbox.has_room());
    static_cast<void>(outbox.take());
    CHECK(outbox.has_room());
}

TEST_CASE("keeps the first reason to close, sends what came before it and drops what comes behind") {
    Outbox outbox{{}, [] {}};
    outbox.push("before");
    outbox.close(CloseCode::bad_message, "first");
    outbox.close(CloseCode::restarting, "second");
    outbox.push("behind");
    CHECK(outbox.closing()->code == CloseCode::bad_message);
    CHECK(read_all(outbox) == std::vector<std::string>{"before"});
}

TEST_CASE("calls nobody any more once the connection has ended") {
    int told = 0;
    Outbox outbox{{}, [&] { ++told; }};
    outbox.push("x");
    outbox.end();
    outbox.push("y");
    CHECK(told == 1);
    CHECK(outbox.empty());
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
