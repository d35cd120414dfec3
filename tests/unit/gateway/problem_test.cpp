// tests/unit/gateway/problem_test.cpp: errors look alike, wherever they come from, and an answer can't be split.
#include "gateway/core/problem.hpp"

#include <doctest/doctest.h>

#include "gateway/core/commands.hpp"
#include "schemas/http/codec.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using namespace std::chrono_literals;

TEST_SUITE("gateway/problem") {
const Instant noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 6} + 12h;

TEST_CASE("RFC 9457's members and R-131's in one body") {
    const auto response = answer(CoreRefusal::projection_lagging, "/me", "req-1", noon);
    CHECK(response.status == 503);
    CHECK(response.content_type == "application/problem+json");
    CHECK(
        response.body ==
        R"({"type":"urn:kiroku:problem:projection_lagging","title":"Service Unavailable","status":503,)"
        R"("detail":"What was just written is not visible yet.","instance":"/me","error":{"code":"projection_lagging",)"
        R"("message":"What was just written is not visible yet.","details":{},"timestamp":"2026-03-06T12:00:00.000Z",)"
        R"("requestId":"req-1","retryable":true}})");
    CHECK(json::decode<http::Problem>(response.body));
}

TEST_CASE("a violation tells where, whatever is in the way") {
    const auto response = answer(problem_of({json::Kind::invalid, "/a\"b\n", "must be \"x\""}), "/\"", "id", noon);
    CHECK(response.status == 422);
    const auto body = json::decode<http::Problem>(response.body);
    REQUIRE(body);
    REQUIRE(body->error.details);
    CHECK(body->error.details->text == R"({"path":"/a\"b\n","problem":"must be \"x\""})");
    CHECK(problem_of({json::Kind::malformed, "", "is not well-formed JSON"}).refusal.status == 400);
}

TEST_CASE("401 says how to sign in, 503 and 429 when to come back") {
    const auto has = [](const Response& response, std::string_view name) {
        for (const auto& [header, value] : response.headers) {
            if (header == name) return true;
        }
        return false;
    };
    CHECK(has(answer(CoreRefusal::invalid_token, "", "", noon), "WWW-Authenticate"));
    CHECK(has(answer(CoreRefusal::overloaded, "", "", noon), "Retry-After"));
    CHECK(has(answer(CoreRefusal::too_many_requests, "", "", noon), "Retry-After"));
    CHECK_FALSE(has(answer(CoreRefusal::not_found, "", "", noon), "Retry-After"));
}

TEST_CASE("a refusal of a context comes with that context's status; one that nobody knows is our bug") {
    CHECK(refused("identity.claim_email.v1", "email_taken", "").refusal.status == 409);
    CHECK(refused("identity.claim_email.v1", "idempotency_key_reused", "").refusal.status == 422);
    CHECK(refused("challenges.complete_session.v1", "email_taken", "").refusal.status == 500);
    CHECK(refused("elsewhere.do.v1", "nonsense", "").refusal.code == "internal_error");
}

TEST_CASE("every refusal has a phrase for its status") {
    for (const auto& refusal : core_refusals()) {
        CAPTURE(refusal.code);
        const auto response = answer(Problem{refusal, RawJson{"{}"}}, "", "", noon);
        CHECK(response.body.find("\"title\":\"\"") == std::string::npos);
    }
}

TEST_CASE("a head has its length, its position, and ends once") {
    const Response response{.status = 201, .body = "{}", .position = "challenges/1@2", .replayed = true, .close = true};
    CHECK(write_head(response, "req-1", "Fri, 06 Mar 2026 12:00:00 GMT") ==
          "HTTP/1.1 201 Created\r\nDate: Fri, 06 Mar 2026 12:00:00 GMT\r\nX-Request-Id: req-1\r\nContent-Length: 2\r\n"
          "Content-Type: application/json\r\nKiroku-Position: challenges/1@2\r\nIdempotent-Replayed: true\r\n"
          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n");
    CHECK(write_head(Response{.status = 204}, "r", "d").find("Content-Length") == std::string::npos);
}
}
