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

TEST_CASE("a line about a request carries its id and its trace's, escaped, too") {
    CHECK(json_line("t", "info", "p", 1, "m", {.request = "r\"1", .trace = "4bf9"}) ==
          R"({"at":"t","level":"info","process":"p","pid":1,"request":"r\"1","trace":"4bf9","message":"m"})");
    CHECK(json_line("t", "info", "p", 1, "m", {.request = "r", .trace = {}}) ==
          R"({"at":"t","level":"info","process":"p","pid":1,"request":"r","message":"m"})");
}

TEST_CASE("a line stays UTF-8 and steers no terminal") {
    CHECK(json_line("t", "info", "p", 1, "\xff\xc3 記\xed\xa0\x80 \xf0\x9f\x90\x99\xc2\x9b\x7f\xe8\xa8") ==
          R"({"at":"t","level":"info","process":"p","pid":1,"message":"?? 記??? 🐙\u009b\u007f??"})");
    CHECK(one_line("a\r\n\x1b[31mb\"c\\") == R"(a\u000d\u000a\u001b[31mb"c\)");
}

TEST_CASE("the present is written in UTC with milliseconds") {
    const auto now = timestamp_now();
    REQUIRE(now.size() == 24);
    CHECK(now[10] == 'T');
    CHECK(now[19] == '.');
    CHECK(now.back() == 'Z');
}
}
