// tests/unit/gateway/origins_test.cpp: pages that may talk to the gateway, and pages that may not.
#include "gateway/core/origins.hpp"

#include <doctest/doctest.h>

#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;

namespace {

const std::string page = "https://academy.example";

gateway::Settings open_to_a_page() {
    auto settings = House::quick();
    settings.origins = {page, "http://localhost:5173"};
    return settings;
}

std::string preflight(const std::string& path, const std::string& origin) {
    return "OPTIONS " + path + " HTTP/1.1\r\nHost: a\r\nOrigin: " + origin +
           "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: idempotency-key\r\n\r\n";
}

}  // namespace

TEST_SUITE("gateway/origins") {
TEST_CASE("what an operator may give as an origin") {
    for (const auto* good : {"https://a.example", "http://localhost:5173", "https://[::1]:8443"}) {
        CHECK_MESSAGE(gateway::fault_of_origin(good).empty(), good);
    }
    for (const auto* bad :
         {"*", "", "a.example", "https://", "https://a.example/", "https://a.example/x", "ftp://a",
          "https://u@a.example", "https://A.example", "null", "https://a.example, https://b.example"}) {
        CHECK_MESSAGE(!gateway::fault_of_origin(bad).empty(), bad);
    }
}

TEST_CASE("a page that may is let in, whatever the answer; another one isn't told anything") {
    House house{open_to_a_page()};
    for (const auto* target : {"/healthz", "/nowhere", "/me", "/%zz"}) {
        const auto told = house.get(target, "Origin: " + page + "\r\n");
        CHECK_MESSAGE(told.header("Access-Control-Allow-Origin") == page, target);
        CHECK(told.header("Access-Control-Expose-Headers").find("Kiroku-Position") != std::string::npos);
        CHECK(told.header("Vary").find("Origin") != std::string::npos);
        CHECK(told.header("Access-Control-Allow-Credentials").empty());
    }
    for (const auto* other : {"https://academy.example.evil.example", "https://academy.exampl", "null",
                              "http://academy.example", "https://academy.example:443", "HTTPS://academy.example"}) {
        const auto told = house.get("/healthz", std::string{"Origin: "} + other + "\r\n");
        CHECK(told.status == 200);
        CHECK_MESSAGE(told.header("Access-Control-Allow-Origin").empty(), other);
    }
    CHECK(house.get("/healthz").header("Vary").find("Origin") != std::string::npos);
    CHECK(House{}.get("/healthz", "Origin: " + page + "\r\n").header("Access-Control-Allow-Origin").empty());
}

TEST_CASE("before it sends, a browser asks whether the page may") {
    House house{open_to_a_page()};
    const auto allowed = house.ask(preflight("/challenges", page));
    CHECK(allowed.status == 204);
    CHECK(allowed.header("Access-Control-Allow-Origin") == page);
    CHECK(allowed.header("Access-Control-Allow-Methods") == "GET, HEAD, POST, OPTIONS");
    CHECK(allowed.header("Access-Control-Allow-Headers").find("Idempotency-Key") != std::string::npos);
    CHECK(allowed.header("Access-Control-Max-Age") == "7200");
    const auto foreign = house.ask(preflight("/challenges", "https://evil.example"));
    CHECK(foreign.status == 204);
    CHECK(foreign.header("Access-Control-Allow-Origin").empty());
    CHECK(foreign.header("Access-Control-Allow-Methods").empty());
    CHECK(foreign.header("Allow") == "GET, HEAD, POST, OPTIONS");
    CHECK(house.ask(preflight("/nowhere", page)).status == 404);
}
}
