// tests/unit/gateway/target_test.cpp: paths and queries are read in one way or not at all (bad input B13).
#include "gateway/core/target.hpp"

#include <doctest/doctest.h>

#include "gateway/core/route.hpp"

using namespace kiroku::gateway;
using kiroku::CoreRefusal;

TEST_SUITE("gateway/target") {
TEST_CASE("a path and its parameters, decoded") {
    const auto target = read_target("/challenges?type=distraction_drill&note=a%20b+c%C3%A9&empty=");
    REQUIRE(target);
    CHECK(target->path == "/challenges");
    CHECK(target->query.find("type") == "distraction_drill");
    CHECK(target->query.find("note") == "a b c\xC3\xA9");
    CHECK(target->query.find("empty") == "");
    CHECK_FALSE(target->query.find("limit"));
}

TEST_CASE("what can be read in two ways is not read") {
    for (const std::string_view bad : {"",          "challenges", "*",       "http://elsewhere/challenges",
                                       "/a/../b",   "/a/./b",     "/..",     "/%2e%2e/b",
                                       "/a%2fb",    "/a%2Fb",     "/a%5cb",  "/a%00",
                                       "/a%0d%0ab", "/%252e",     "/%",      "/%4",
                                       "/%zz",      "/a#b",       "/\x80",   "/%ff",
                                       "/%c0%af",   "/%ed%a0%80", "/?a=%00", "/?a=%",
                                       "/?a=1&a=2", "/?=1",       "/?a=%ff"}) {
        CAPTURE(bad);
        CHECK_FALSE(read_target(bad));
    }
}

TEST_CASE("a query has an end") {
    std::string target = "/?";
    for (int i = 0; i < 40; ++i) target += "p" + std::to_string(i) + "=1&";
    CHECK_FALSE(read_target(target));
}

TEST_CASE("a route knows its parameters and their ranges") {
    const std::vector<Parameter> known{integer("limit", 1, 100), choice("timeframe", {"daily", "all"}),
                                       text("cursor", 8)};
    const auto problem = [&](std::string_view target) -> std::string_view {
        const auto refused = refuse(read_target(target)->query, known);
        return refused ? refused->refusal.code : "";
    };
    CHECK(problem("/?limit=1&timeframe=all&cursor=abc") == "");
    CHECK(problem("/?limit=100") == "");
    for (const auto* bad :
         {"/?limit=0", "/?limit=101", "/?limit=1000000000", "/?limit=-1", "/?limit=1e1", "/?limit=", "/?limit=+1",
          "/?limit=99999999999999999999", "/?timeframe=yearly", "/?cursor=123456789", "/?cursor="}) {
        CAPTURE(bad);
        CHECK(problem(bad) == "invalid_parameter");
    }
    CHECK(problem("/?offset=1") == "unknown_parameter");
    CHECK(problem("/?Limit=1") == "unknown_parameter");
}
}
