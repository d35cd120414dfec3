// tests/unit/gateway/request_parser_test.cpp: bytes that clients send, good and bad (bad inputs B1 to B9, B12, B14).
#include "gateway/core/request_parser.hpp"

#include <doctest/doctest.h>

using namespace kiroku;
using namespace kiroku::gateway;

namespace {

RequestParser parsed(std::string_view bytes) {
    RequestParser parser;
    while (!bytes.empty() && parser.state() != RequestParser::State::refused &&
           parser.state() != RequestParser::State::whole) {
        const auto used = parser.take(bytes);
        if (used == 0) break;
        bytes.remove_prefix(used);
    }
    return parser;
}

int status_of(std::string_view bytes) {
    const auto parser = parsed(bytes);
    return parser.state() == RequestParser::State::refused ? parser.problem().refusal.status : 0;
}

std::string get(std::string_view fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n"; }
std::string post(std::string_view fields, std::string_view body = "") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

}  // namespace

TEST_SUITE("gateway/request_parser") {
TEST_CASE("a request without a body") {
    auto parser = parsed(get("X-Request-Id: 7\r\n"));
    REQUIRE(parser.state() == RequestParser::State::whole);
    const RawRequest request = parser.release();
    CHECK(request.head.method == Method::get);
    CHECK(request.head.target == "/");
    CHECK(request.head.fields.find("x-request-ID") == "7");
    CHECK(request.keep_alive);
    CHECK_FALSE(request.wants_upgrade);
}

TEST_CASE("a body by length, and one by chunks") {
    auto by_length = parsed(post("Content-Length: 7\r\n", R"({"a":1})"));
    REQUIRE(by_length.state() == RequestParser::State::whole);
    CHECK(by_length.release().body == R"({"a":1})");
    auto by_chunks = parsed(post("Transfer-Encoding: chunked\r\n", "3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n"));
    REQUIRE(by_chunks.state() == RequestParser::State::whole);
    CHECK(by_chunks.release().body == R"({"a":1})");
}

TEST_CASE("byte by byte is the same as at once") {
    const std::string bytes = post("Content-Length: 7\r\n", R"({"a":1})");
    RequestParser parser;
    std::string waiting;
    for (const char byte : bytes) {
        waiting += byte;
        waiting.erase(0, parser.take(waiting));
    }
    REQUIRE(parser.state() == RequestParser::State::whole);
    CHECK(parser.release().body == R"({"a":1})");
}

TEST_CASE("B10: chunks that drip, none at all among them, end where they end at once") {
    for (const std::string_view chunks : {"0\r\n\r\n", "0;a=b\r\n\r\n", "0\r\nT: 1\r\n\r\n", "1\r\na\r\n0\r\n\r\n",
                                          "3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"}) {
        CAPTURE(chunks);
        const std::string bytes = post("Transfer-Encoding: chunked\r\n", chunks);
        for (const std::size_t step : {1, 2, 3, 4, 5, 7}) {
            CAPTURE(step);
            RequestParser parser;
            std::string waiting;
            for (std::size_t at = 0; at < bytes.size(); at += step) {
                waiting += bytes.substr(at, step);
                while (const auto taken = parser.take(waiting)) waiting.erase(0, taken);
            }
            CHECK(parser.state() == RequestParser::State::whole);
            CHECK(waiting.empty());
            CHECK(parser.release().body == parsed(bytes).release().body);
        }
    }
}

TEST_CASE("what belongs to the next request is left") {
    const std::string two = get("") + get("");
    RequestParser parser;
    CHECK(parser.take(two) == two.size() / 2);
    CHECK(parser.state() == RequestParser::State::whole);
}

TEST_CASE("trailers change nothing") {
    auto parser = parsed(post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"));
    REQUIRE(parser.state() == RequestParser::State::whole);
    CHECK_FALSE(parser.release().head.fields.find("authorization"));
}

TEST_CASE("B1, B2, B3, B4: a body that could end in two places") {
    for (const std::string_view fields :
         {"Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, identity\r\n",
          "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
          "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n",
          "Content-Length: 3, 3\r\n", "Content-Length: -1\r\n", "Content-Length: +3\r\n", "Content-Length: 0x3\r\n",
          "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: xchunked\r\n",
          "Transfer-Encoding : chunked\r\n"}) {
        CAPTURE(fields);
        CHECK(status_of(post(fields, "abc")) == 400);
    }
    CHECK(status_of("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
}

TEST_CASE("B5, B11: what is not HTTP") {
    for (const std::string_view bytes : {std::string_view{"GET / HTTP/1.1\nHost: a\n\n"},
                                         std::string_view{"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 37},
                                         std::string_view{"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01z\r\n\r\n"},
                                         std::string_view{"GET / HTTP/1.1\r\nHost: a\r\nX y: a\r\n\r\n"},
                                         std::string_view{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15},
                                         std::string_view{"hello\r\n\r\n"}, std::string_view{"GET /\r\n\r\n"},
                                         std::string_view{"GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
                                         std::string_view{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"}}) {
        CAPTURE(bytes);
        CHECK(status_of(bytes) == 400);
    }
}

TEST_CASE("B6: one Host, neither none nor two") {
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of(get("Host: b\r\n")) == 400);
}

TEST_CASE("B7: too large a header, in bytes and in fields") {
    CHECK(status_of(get("X: " + std::string(9 * 1024, 'a') + "\r\n")) == 431);
    std::string many;
    for (int i = 0; i < 150; ++i) many += "X: 1\r\n";
    CHECK(status_of(get(many)) == 431);
    for (const std::size_t size : {5 * 1024, 8 * 1024, 20 * 1024})
        CHECK(status_of("GET /" + std::string(size, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
}

TEST_CASE("B8, B9: too large a body, announced or not") {
    const std::string most(RequestLimits::body_bytes, 'a');
    CHECK(status_of(post("Content-Length: 65536\r\n", most)) == 0);
    CHECK(status_of(post("Content-Length: 65537\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "10001\r\n" + most + "a\r\n0\r\n\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\n")) == 413);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "-1\r\n")) == 400);
    const std::string extended = "1;x=" + std::string(2'000, 'y');
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", extended + "\r\na\r\n0\r\n\r\n")) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", extended + std::string(10'000, 'y'))) == 400);
    CHECK(status_of(post("Transfer-Encoding: chunked\r\n", "0\r\nT: " + std::string(10'000, 'y'))) == 400);
}

TEST_CASE("B12: methods that nothing here has") {
    for (const std::string_view line :
         {"TRACE / HTTP/1.1", "CONNECT a:80 HTTP/1.1", "PROPFIND / HTTP/1.1", "FOO / HTTP/1.1"}) {
        CAPTURE(line);
        CHECK(status_of(std::string{line} + "\r\nHost: a\r\n\r\n") == 405);
    }
}

TEST_CASE("B14: compressed bodies, and expectations that nobody meets") {
    CHECK(status_of(post("Content-Encoding: gzip\r\nContent-Length: 0\r\n")) == 415);
    CHECK(status_of(post("Content-Encoding: identity\r\nContent-Length: 0\r\n")) == 0);
    CHECK(status_of(post("Expect: 200-ok\r\nContent-Length: 1\r\n")) == 417);
}

TEST_CASE("who waits for a 100 gets it once, and before the body only") {
    const std::string head = post("Expect: 100-continue\r\nContent-Length: 2\r\n");
    RequestParser parser;
    parser.take(head);
    CHECK(parser.owes_continue());
    CHECK_FALSE(parser.owes_continue());
    auto whole = parsed(head + "{}");
    CHECK(whole.state() == RequestParser::State::whole);
    CHECK_FALSE(whole.owes_continue());
}
}
