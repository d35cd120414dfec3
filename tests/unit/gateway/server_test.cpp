// tests/unit/gateway/server_test.cpp: what a client meets before any route: framing, deadlines, tokens, our headers.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::test;
using namespace std::chrono_literals;

TEST_SUITE("gateway/server") {
TEST_CASE("a gateway says that it lives, and whether to send it requests") {
    House house;
    CHECK(house.get("/healthz").body == R"({"status":"ok","checks":[]})");
    CHECK(house.get("/readyz").status == 200);
    house.readiness.require("kafka", [] { return "no broker answers"; });
    const auto told = house.get("/readyz");
    CHECK(told.status == 503);
    CHECK(told.body ==
          R"({"status":"unavailable","checks":[{"name":"kafka","status":"failing","detail":"no broker answers"}]})");
}

TEST_CASE("requests of one connection are answered in their order") {
    House house;
    const std::string one = "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: ";
    const auto told = house.exchange({one + "1\r\n\r\n" + one + "2\r\n\r\n", one + "3\r\n\r\n"}, 3, 20ms);
    REQUIRE(told.size() == 3);
    for (int i = 0; i < 3; ++i) CHECK(told[i].header("X-Request-Id") == std::to_string(i + 1));
}

TEST_CASE("nothing behind an error in the framing is read") {
    House house;
    const auto told =
        house.exchange({"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"},
                       2);
    REQUIRE(told.size() == 1);
    CHECK(told[0].status == 400);
    CHECK(told[0].header("Connection") == "close");
    CHECK(told[0].member("code") == "malformed_request");
}

TEST_CASE("B8: who sends too much is told so, even while sending") {
    House house;
    const auto told = house.exchange(
        {"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n", std::string(200'000, 'a')}, 1);
    REQUIRE(told.size() == 1);
    CHECK(told[0].status == 413);
    CHECK(told[0].member("requestId") == told[0].header("X-Request-Id"));
    CHECK(told[0].member("instance") == "/auth/login");
}

TEST_CASE("B10: who drips is cut off, with a word if a request had begun") {
    House house;
    const std::string slow = "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n";
    std::vector<std::string> drips;
    for (const char byte : slow.substr(0, 40)) drips.emplace_back(1, byte);
    const auto header = house.exchange(drips, 1, 20ms);
    REQUIRE(header.size() == 1);
    CHECK(header[0].status == 408);
    const auto body = house.exchange({"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"}, 1);
    REQUIRE(body.size() == 1);
    CHECK(body[0].status == 408);
    CHECK(house.exchange({}, 1).empty());
}

TEST_CASE("HEAD is GET without its body, and the connection lives on") {
    House house;
    const auto told = house.ask("HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(told.status == 200);
    CHECK(told.header("Content-Length") == "27");
    CHECK(told.body.empty());
}

TEST_CASE("who asks for a 100 gets it before the answer") {
    House house;
    const auto told = house.exchange(
        {"POST /auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
         "Content-Length: 2\r\n\r\n",
         "{}"},
        2, 50ms);
    REQUIRE(told.size() == 2);
    CHECK(told[0].status == 100);
    CHECK(told[1].status == 422);
}

TEST_CASE("paths and methods that don't exist") {
    House house;
    CHECK(house.get("/nowhere").status == 404);
    CHECK(house.get("/me/..%2f").status == 400);
    const auto told = house.get("/auth/login");
    CHECK(told.status == 405);
    CHECK(told.header("Allow") == "POST, OPTIONS");
    CHECK(told.header("Content-Type") == "application/problem+json");
}

TEST_CASE("bodies: declared as JSON, well-formed, and fitting their schema") {
    House house;
    const auto code = [](const Told& told) { return fmt::format("{} {}", told.status, told.member("code")); };
    CHECK(code(house.ask("POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")) ==
          "415 unsupported_media_type");
    CHECK(code(house.post("/auth/login", "{")) == "400 malformed_json");
    CHECK(code(house.post("/auth/login", R"({"email":"a","email":"a","password":"b"})")) == "400 malformed_json");
    CHECK(code(house.post("/auth/login", "{\"email\":\"\xff\",\"password\":\"b\"}")) == "400 malformed_json");
    CHECK(code(house.post("/auth/login", std::string(100, '[') + std::string(100, ']'))).starts_with("4"));
    const auto extra = house.post("/auth/login", R"({"email":"a","password":"b","role":"admin"})");
    CHECK(code(extra) == "422 invalid_request");
    CHECK(extra.member("path") == "/role");
    CHECK(code(house.post("/auth/login", "")) == "422 invalid_request");
}

TEST_CASE("tokens: none, nonsense, expired, of an ended session, without the permission") {
    House house;
    const auto code = [](const Told& told) { return fmt::format("{} {}", told.status, told.member("code")); };
    CHECK(code(house.get("/me")) == "401 unauthenticated");
    CHECK(house.get("/me").header("WWW-Authenticate") == "Bearer");
    CHECK(code(house.get("/me", "Authorization: Basic abc\r\n")) == "401 unauthenticated");
    CHECK(code(house.get("/me", "Authorization: Bearer abc\r\n")) == "401 invalid_token");
    CHECK(code(house.get("/me", house.bearer() + house.bearer())) == "401 unauthenticated");
    const gateway::Caller mika{House::user("mika"), SessionId{}, "UTC", {"learner"}, {}};
    CHECK(code(house.get("/me", "Authorization: Bearer " + house.tokens.issue(mika, house.log.now - 1h) + "\r\n")) ==
          "401 expired_token");
    gateway::Caller nobody = mika;
    nobody.roles = {"guest"};
    CHECK(code(house.get("/me", "Authorization: Bearer " + house.tokens.issue(nobody, house.log.now) + "\r\n")) ==
          "403 forbidden");
    house.log.knows_revocations = false;
    CHECK(code(house.get("/me", house.bearer())) == "503 unavailable");
    house.log.knows_revocations = true;
    house.log.revoked.insert(SessionId{uuid_v5({}, "mika's phone")});
    CHECK(code(house.get("/me", house.bearer())) == "401 session_revoked");
}

TEST_CASE("our headers: keys and positions that can't be ours, request ids that can") {
    House house;
    const auto code = [](const Told& told) { return fmt::format("{} {}", told.status, told.member("code")); };
    CHECK(code(house.post("/auth/logout", "{}", house.bearer() + "Idempotency-Key: a b\r\n")) ==
          "400 invalid_idempotency_key");
    CHECK(
        code(house.post("/auth/logout", "{}", house.bearer() + "Idempotency-Key: " + std::string(256, 'a') + "\r\n")) ==
        "400 invalid_idempotency_key");
    CHECK(code(house.get("/me", house.bearer() + "Kiroku-Min-Position: nonsense\r\n")) == "400 invalid_position");
    CHECK(code(house.get("/me?limit=1", house.bearer())) == "400 unknown_parameter");
    CHECK(house.get("/healthz", "X-Request-Id: trace-1.2\r\n").header("X-Request-Id") == "trace-1.2");
    CHECK(house.get("/healthz", "X-Request-Id: <b>\r\n").header("X-Request-Id").size() == 36);
}

TEST_CASE("without a database reads are refused, not answered wrongly") {
    House house;
    const auto told = house.get("/me", house.bearer());
    CHECK(told.status == 503);
    CHECK(told.member("code") == "unavailable");
    CHECK(told.member("retryable") == "true");
    CHECK(told.header("Retry-After") == "1");
    CHECK(told.body.find("host") == std::string::npos);
}

TEST_CASE("an upgrade is handed over on /ws and impossible elsewhere") {
    House house;
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    CHECK(house.exchange({"GET /ws HTTP/1.1\r\nHost: a\r\n" + upgrade + "\r\n"}, 1).empty());
    CHECK(house.websockets == 1);
    const auto elsewhere = house.get("/healthz", upgrade);
    CHECK(elsewhere.status == 400);
    CHECK(elsewhere.header("Connection") == "close");
    CHECK(house.get("/ws").status == 426);
}

TEST_CASE("metrics count answers by route, never by path") {
    House house;
    house.get("/challenges/secret-path/nowhere");
    house.get("/healthz");
    const auto text = house.get("/metrics").body;
    CHECK(text.find(R"x(kiroku_http_requests_total{method="GET",route="/healthz",status="200"} 1)x") !=
          std::string::npos);
    CHECK(text.find(R"x(route="(none)",status="404"} 1)x") != std::string::npos);
    CHECK(text.find("secret-path") == std::string::npos);
}

TEST_CASE("no more connections than allowed are let in; the others wait") {
    auto settings = House::quick();
    settings.most_connections = 1;
    House house{settings};
    CHECK(house.get("/healthz").status == 200);
    CHECK(house.get("/healthz").status == 200);
}

TEST_CASE("one address has so many connections and no more, until it leaves one; trusted proxies may have more") {
    auto settings = House::quick();
    settings.most_connections_of_address = 2;
    const std::string ask = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    House house{settings};
    auto first = house.stall("GET ");
    const auto second = house.stall("GET ");
    house.run_until([&] { return house.server().connections() == 2; });
    CHECK(house.exchange({ask}, 1).empty());
    CHECK(house.server().connections_refused() == 1);
    first.reset();
    house.run_until([&] { return house.server().connections() < 2; });
    CHECK(house.ask(ask).status == 200);

    settings.proxies = *gateway::TrustedProxies::parse({"127.0.0.1"});
    House behind{settings};
    const std::array stalled{behind.stall("GET "), behind.stall("GET ")};
    behind.run_until([&] { return behind.server().connections() == 2; });
    CHECK(behind.ask(ask).status == 200);
}

TEST_CASE("a connection ends in good order after so many requests") {
    auto settings = House::quick();
    settings.most_requests_of_connection = 2;
    House house{settings};
    const std::string ask = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    const auto told = house.exchange({ask + ask + ask}, 3);
    REQUIRE(told.size() == 2);
    CHECK(told[0].header("Connection").empty());
    CHECK(told[1].header("Connection") == "close");
}

TEST_CASE("B10: a body has as long as its length takes at the least speed, and no longer than any") {
    auto settings = House::quick();
    settings.body_deadline = 3s;
    settings.body_grace = 100ms;
    settings.body_bytes_a_second = 1'000;
    const auto took = [](House& house, int bytes) {
        const auto began = std::chrono::steady_clock::now();
        const auto told = house.exchange(
            {fmt::format("POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{{", bytes)}, 1);
        REQUIRE(told.size() == 1);
        CHECK(told[0].status == 408);
        return std::chrono::steady_clock::now() - began;
    };
    House house{settings};
    CHECK(took(house, 10) < 900ms);
    CHECK(took(house, 1'000) >= 1s);
    settings.body_deadline = 300ms;
    House strict{settings};
    CHECK(took(strict, 60'000) < 2s);
}

TEST_CASE("an upgrade with a body is refused") {
    House house;
    const auto told = house.ask(
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\n{}");
    CHECK(told.status == 400);
    CHECK(told.header("Connection") == "close");
    CHECK(house.websockets == 0);
}

TEST_CASE("requests that are too many at the moment are told at once to come back; operators are answered") {
    auto settings = House::quick();
    settings.most_requests = 0;
    House house{settings};
    const auto shed = house.get("/challenges", house.bearer());
    CHECK(shed.status == 503);
    CHECK(shed.member("code") == "overloaded");
    CHECK(shed.header("Retry-After") == "1");
    CHECK(shed.header("Connection").empty());
    CHECK(house.get("/healthz").status == 200);
}

TEST_CASE("while too many commands wait, what is POSTed is refused at once, and what is asked for is answered") {
    House house;
    bool full = true;
    house.server().refuse_posts_while([&] { return full; });
    const auto shed = house.post("/auth/logout", "{}", house.bearer());
    CHECK(shed.status == 503);
    CHECK(shed.header("Retry-After") == "1");
    CHECK(house.get("/.well-known/jwks.json").status == 200);
    full = false;
    CHECK(house.post("/auth/logout", "{}", house.bearer()).status != 503);
}

TEST_CASE("the keys that check our tokens are published") {
    House house;
    const auto told = house.get("/.well-known/jwks.json");
    CHECK(told.member("kid") == house.keys.signing().id());
    CHECK(told.body.find("\"d\"") == std::string::npos);
    CHECK(told.header("Cache-Control") == "public, max-age=300");
}
}
