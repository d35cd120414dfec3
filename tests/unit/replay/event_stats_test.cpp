// tests/unit/replay/event_stats_test.cpp: how many of each type, how large, and when.
#include "infra/replay/event_stats.hpp"

#include <doctest/doctest.h>

#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::EventStats;
using test::at;
using test::ReplayedEvent;

namespace {

/// Two awards, four seconds apart, and a level between them.
EventStats some(std::size_t& award_bytes, std::size_t& level_bytes) {
    ReplayedEvent first{.time = at("2026-03-06T12:00:04Z")}, second{.time = at("2026-03-06T12:00:00Z")},
        level{.type = "gamification.level_reached.v1", .data = R"({"level":2})", .time = at("2026-03-06T12:00:01Z")};
    EventStats stats, others;
    stats.take(first.event());
    others.take(second.event());
    others.take(level.event());
    stats.add(others);
    award_bytes = first.text.size() + second.text.size();
    level_bytes = level.text.size();
    return stats;
}

}  // namespace

TEST_SUITE("event stats") {
TEST_CASE("as JSON: rates are all over the same time") {
    std::size_t awards = 0, levels = 0;
    const auto stats = some(awards, levels);
    const auto bytes = [](std::size_t size) { return std::to_string(size); };
    CHECK(stats.as_json() == R"({"count":3,"perSecond":0.750,"bytes":)" + bytes(awards + levels) +
                                 R"(,"first":"2026-03-06T12:00:00.000Z","last":"2026-03-06T12:00:04.000Z","types":[)"
                                 R"({"type":"gamification.level_reached.v1","count":1,"perSecond":0.250,"bytes":)" +
                                 bytes(levels) +
                                 R"(,"first":"2026-03-06T12:00:01.000Z","last":"2026-03-06T12:00:01.000Z"},)"
                                 R"({"type":"gamification.xp_awarded.v1","count":2,"perSecond":0.500,"bytes":)" +
                                 bytes(awards) +
                                 R"(,"first":"2026-03-06T12:00:00.000Z","last":"2026-03-06T12:00:04.000Z"}]})");
}

TEST_CASE("as a table, with a line for all") {
    std::size_t awards = 0, levels = 0;
    const auto text = some(awards, levels).as_text();
    CHECK(std::ranges::count(text, '\n') == 4);
    CHECK(text.starts_with("type "));
    CHECK(text.find("\ngamification.level_reached.v1            1        0.250") != std::string::npos);
    CHECK(text.find("\nall                                      3        0.750") != std::string::npos);
}

TEST_CASE("of nothing, and of a moment, there is no rate") {
    CHECK(EventStats{}.as_json() == R"({"count":0,"perSecond":null,"bytes":0,"types":[]})");
    CHECK(EventStats{}.as_text().find("all             0") != std::string::npos);
    EventStats one;
    ReplayedEvent replayed;
    one.take(replayed.event());
    CHECK(one.as_json().starts_with(R"({"count":1,"perSecond":null,)"));
}
}
