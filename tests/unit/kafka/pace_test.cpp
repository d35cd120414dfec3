// tests/unit/kafka/pace_test.cpp: when a reader gathers, and when it stops doing so.
#include "infra/kafka/pace.hpp"

#include <doctest/doctest.h>

using namespace kiroku::kafka;
using namespace std::chrono_literals;

namespace {

/// A reader to whom records come, so many at once.
struct Reader {
    Pace pace;
    Pace::Clock::time_point now{1h};
    int changes = 0;

    void read(Pace::Clock::duration time, int at_once, Pace::Clock::duration every) {
        for (const auto end = now + time; now < end; now += every) {
            for (int record = 0; record < at_once; ++record) pace.took();
            changes += pace.drained(now);
        }
    }
    void many(Pace::Clock::duration time) { read(time, 20, 2ms); }  // 10,000 a second
    void idle(Pace::Clock::duration time) { read(time, 0, 100ms); }
};

}  // namespace

TEST_SUITE("kafka/pace") {
TEST_CASE("many a second and many at once are gathered, as long as they come") {
    Reader reader;
    reader.many(1s);
    CHECK(reader.pace.gathers());
    reader.read(20s, 100, 10ms);
    CHECK(reader.pace.gathers());
    CHECK(reader.changes == 1);
    reader.read(3s, 1, 10ms);
    CHECK_FALSE(reader.pace.gathers());
}

TEST_CASE("as many as a slow machine answers are gathered, too") {
    Reader reader;
    reader.read(1s, 16, 4ms);  // 4,000 a second
    CHECK(reader.pace.gathers());
}

TEST_CASE("few a second, or few at once, are not") {
    Reader reader;
    SUBCASE("a thousand a second, even if many at once") { reader.read(20s, 20, 20ms); }
    SUBCASE("bursts that come rarely") { reader.read(20s, 500, 1s); }
    SUBCASE("a steady stream of single ones") { reader.read(20s, 1, 100us); }
    SUBCASE("nothing") { reader.idle(20s); }
    CHECK(reader.changes == 0);
    CHECK_FALSE(reader.pace.gathers());
}

TEST_CASE("if those who send wait for answers and so send less, it is given up, and not tried again at once") {
    Reader reader;
    reader.many(1s);
    REQUIRE(reader.pace.gathers());
    for (const auto end = reader.now + 9s; reader.now < end;) {
        if (reader.pace.gathers()) {
            reader.read(48ms, 60, 12ms);  // 5,000 a second
        } else {
            reader.many(50ms);
        }
    }
    CHECK_FALSE(reader.pace.gathers());
    CHECK(reader.changes == 2);
    reader.many(5s);
    CHECK(reader.pace.gathers());
}

TEST_CASE("after a pause it is tried again at once") {
    Reader reader;
    reader.many(1s);
    reader.idle(2s);
    CHECK_FALSE(reader.pace.gathers());
    reader.many(1s);
    CHECK(reader.pace.gathers());
}
}
