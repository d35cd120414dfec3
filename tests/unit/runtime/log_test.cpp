// tests/unit/runtime/log_test.cpp: a JSON line of the log stays one line and stays JSON, whatever is logged.
#include "infra/runtime/log.hpp"

#include <doctest/doctest.h>

using namespace kiroku::runtime;

TEST_SUITE("runtime/log") {
TEST_CASE("a line carries time, level, process and message") {
    CHECK(json_line("2026-03-06T12:00:00.000Z", "warning", "gateway", 7, "slow") ==
          R"({"at":"2026-03-06T12:00:00.000Z","level":"warning","process":"gateway","pid":7,"message":"slow"})");
}

TEST_CASE("quotes, backslashes and control characters can't break out of the message") {
    CHECK(json_line("t", "info", "p", 1, "a\"b\\c\nd\x01") ==
          R"({"at":"t","level":"info","process":"p","pid":1,"message":"a\"b\\c\u000ad\u0001"})");
}

TEST_CASE("the present is written in UTC with milliseconds") {
    const auto now = timestamp_now();
    REQUIRE(now.size() == 24);
    CHECK(now[10] == 'T');
    CHECK(now[19] == '.');
    CHECK(now.back() == 'Z');
}
}
