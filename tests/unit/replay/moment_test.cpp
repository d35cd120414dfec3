// tests/unit/replay/moment_test.cpp: times and places as people type them.
#include "infra/replay/moment.hpp"

#include <doctest/doctest.h>

#include "tests/support/given.hpp"

using namespace kiroku;
using replay::parse_moment;
using test::at;

namespace {

const auto now = at("2026-03-06T12:00:00Z");

void is_time(const char* text, const char* expected) {
    INFO(text);
    const auto moment = parse_moment(text, now);
    REQUIRE(moment.has_value());
    REQUIRE(std::holds_alternative<Instant>(*moment));
    CHECK(to_string(std::get<Instant>(*moment)) == expected);
}

}  // namespace

TEST_SUITE("moment") {
TEST_CASE("times, dates, and how long ago") {
    is_time("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00.000Z");
    is_time("2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00.250Z");
    is_time("2026-03-01", "2026-03-01T00:00:00.000Z");
    is_time("0s", "2026-03-06T12:00:00.000Z");
    is_time("45s", "2026-03-06T11:59:15.000Z");
    is_time("30m", "2026-03-06T11:30:00.000Z");
    is_time("2h", "2026-03-06T10:00:00.000Z");
    is_time("7d", "2026-02-27T12:00:00.000Z");
    is_time("1w", "2026-02-27T12:00:00.000Z");
    is_time("1d12h", "2026-03-05T00:00:00.000Z");
}

TEST_CASE("positions, as Kiroku gives them") {
    const auto moment = parse_moment("gamification/3@123,challenges/5@77", now);
    REQUIRE(moment.has_value());
    CHECK(std::get<log::Position>(*moment).text() == "challenges/5@77,gamification/3@123");
}

TEST_CASE("anything else is told what was expected") {
    for (const auto* text : {"", "yesterday", "2026-13-01", "2026-03-01T10:00:00", "2h30", "h", "-2h", "2y",
                             "99999999999d", "gamification/3", "gamification@3", "1.5h"}) {
        INFO(text);
        const auto moment = parse_moment(text, now);
        REQUIRE(!moment.has_value());
        CHECK(moment.error().find("2026-03-06T12:00:00Z") != std::string::npos);
        CHECK(moment.error().find("gamification/3@123") != std::string::npos);
    }
}
}
