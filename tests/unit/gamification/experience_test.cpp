// tests/unit/gamification/experience_test.cpp: how XP make a level.
#include "domain/gamification/experience.hpp"

#include <doctest/doctest.h>

namespace kiroku::gamification {

TEST_SUITE("gamification/experience") {
TEST_CASE("level L begins at 50·L·(L−1) XP") {
    CHECK(threshold_of(Level{1}) == Xp{0});
    CHECK(threshold_of(Level{2}) == Xp{100});
    CHECK(threshold_of(Level{3}) == Xp{300});
    CHECK(threshold_of(Level{4}) == Xp{600});
    CHECK(threshold_of(Level{50}) == Xp{122'500});
}

TEST_CASE("a level lasts from its threshold to the last XP before the next one") {
    CHECK(level_of(Xp{0}) == Level{1});
    for (std::int32_t number = 2; number < 20'000; ++number) {
        const Level level{number};
        const auto threshold = threshold_of(level);
        REQUIRE(level_of(threshold) == level);
        REQUIRE(level_of(Xp{threshold.value - 1}) == Level{number - 1});
    }
}

TEST_CASE("levels are exact where floating point no longer is") {
    for (const std::int32_t number : {100'000'000, 400'000'000, 429'496'729}) {
        const auto threshold = threshold_of(Level{number});
        CHECK(level_of(threshold) == Level{number});
        CHECK(level_of(Xp{threshold.value - 1}) == Level{number - 1});
    }
}

TEST_CASE("the greatest total has a level too, and its threshold doesn't overflow") {
    const auto top = level_of(max_total_xp);
    CHECK(threshold_of(top) <= max_total_xp);
    CHECK(threshold_of(Level{top.value + 1}) > max_total_xp);
}
}

}  // namespace kiroku::gamification
