// tests/unit/schemas/decode_test.cpp: what is refused on the way in, and where the refusal points.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "schemas/challenges/codec.hpp"
#include "schemas/challenges/http/codec.hpp"
#include "schemas/core/codec.hpp"
#include "schemas/gamification/codec.hpp"
#include "schemas/gamification/http/codec.hpp"
#include "schemas/identity/codec.hpp"
#include "schemas/identity/http/codec.hpp"
#include "schemas/ws/codec.hpp"

using namespace kiroku;
using json::Kind;
using json::Violation;

namespace {

template <class T>
Violation refusal_of(std::string_view text) {
    const auto decoded = json::decode<T>(text);
    REQUIRE_MESSAGE(!decoded.has_value(), text);
    return decoded.error();
}

template <class T>
void check_invalid(std::string_view text, std::string_view path, std::string_view problem) {
    CAPTURE(text);
    CHECK(refusal_of<T>(text) == Violation{Kind::invalid, std::string{path}, std::string{problem}});
}

template <class T>
void check_malformed(std::string_view text) {
    CAPTURE(text);
    CHECK(refusal_of<T>(text).kind == Kind::malformed);
}

std::string registration(std::string_view email = R"("mika@example.org")", std::string_view password = R"("12345678")",
                         std::string_view name = R"("Mika")") {
    return fmt::format(R"({{"email":{},"password":{},"displayName":{},"timezone":"Asia/Tokyo"}})", email, password,
                       name);
}

std::string completion(std::string_view score, std::string_view seconds = "1500") {
    return fmt::format(R"({{"performanceScore":{},"completionTime":{}}})", score, seconds);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

std::string progress_with(std::string_view session_data) {
    return fmt::format(R"({{"sessionData":{}}})", session_data);
}

using Registration = identity::http::RegisterRequest;
using Completion = challenges::http::CompleteSessionRequest;
using Progress = challenges::http::RecordProgressRequest;

}  // namespace

TEST_SUITE("schemas/decode") {
TEST_CASE("texts have a length in characters, not in bytes") {
    const std::string wide = "\xF0\x9F\x8D\x85";  // a tomato, four bytes
    CHECK(json::decode<Registration>(registration(R"("a@b")", R"("12345678")", '"' + repeated(wide, 100) + '"')));
    check_invalid<Registration>(registration(R"("a@b")", R"("12345678")", '"' + repeated(wide, 101) + '"'),
                                "/displayName", "must have at most 100 characters");
    check_invalid<Registration>(registration(R"("a@b")", R"("1234567")"), "/password",
                                "must have at least 8 characters");
    check_invalid<Registration>(registration(R"("a@b")", '"' + repeated(wide, 7) + '"'), "/password",
                                "must have at least 8 characters");
    check_invalid<Registration>(registration(R"("a@b")", R"("12345678")", R"("")"), "/displayName",
                                "must have at least 1 character");
}

TEST_CASE("integers have bounds") {
    CHECK(json::decode<Completion>(completion("0", "0")));
    CHECK(json::decode<Completion>(completion("100")));
    check_invalid<Completion>(completion("-1"), "/performanceScore", "must be at least 0");
    check_invalid<Completion>(completion("101"), "/performanceScore", "must be at most 100");
    check_invalid<Completion>(completion("92.5"), "/performanceScore", "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("92.0"), "/performanceScore", "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("9e1"), "/performanceScore", "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("9223372036854775808"), "/performanceScore",
                              "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("99999999999999999999999999"), "/performanceScore",
                              "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("\"92\""), "/performanceScore", "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("null"), "/performanceScore", "must be an integer of at most 64 bits");
    check_invalid<Completion>(completion("92", "-1"), "/completionTime", "must be at least 0");
    check_invalid<gamification::LevelReached>(R"({"level":2147483648})", "/level", "must be at most 2147483647");
}

TEST_CASE("64-bit integers keep every digit") {
    const auto award = [](std::string_view amount) {
        return fmt::format(
            R"({{"awardId":"5d1f8a3c-7b2e-5c4d-9a6f-0e1d2c3b4a59","sourceEventId":"5d1f8a3c-7b2e-5c4d-9a6f-0e1d2c3b4a59",)"
            R"("rule":"r","rulesVersion":1,"amount":{0},"totalXp":{0},"reason":"","occurredAt":"2026-03-06T12:00:00.000Z"}})",
            amount);
    };
    for (const auto* amount : {"9223372036854775807", "-9223372036854775808", "0", "9007199254740993"}) {
        const auto text = award(amount);
        const auto read = json::decode<gamification::XpAwarded>(text);
        REQUIRE(read.has_value());
        CHECK(json::encode(*read) == text);
    }
}

TEST_CASE("ids, times and dates are read whole or refused") {
    const auto session = [](std::string_view id) { return fmt::format(R"({{"sessionId":"{}"}})", id); };
    CHECK(json::decode<identity::RevokeSession>(session("0195677C-2A40-7C02-8F11-6A9D3B7C5E20")));
    for (const auto* bad : {"", "0195677c2a407c028f116a9d3b7c5e20", "{0195677c-2a40-7c02-8f11-6a9d3b7c5e20}",
                            "0195677c-2a40-7c02-8f11-6a9d3b7c5e2g", "0195677c-2a40-7c02-8f11-6a9d3b7c5e20 "}) {
        check_invalid<identity::RevokeSession>(session(bad), "/sessionId", "must be a UUID");
    }
    check_invalid<identity::RevokeSession>(R"({"sessionId":7})", "/sessionId", "must be a UUID");
    const std::string at = R"({"performanceScore":1,"completionTime":1,"occurredAt":)";
    check_invalid<Completion>(at + R"("yesterday"})", "/occurredAt",
                              "must be an RFC 3339 date-time, such as 2026-03-06T12:00:00Z");
    check_invalid<Completion>(at + "1772798400}", "/occurredAt",
                              "must be an RFC 3339 date-time, such as 2026-03-06T12:00:00Z");
    check_invalid<gamification::StreakExtended>(
        R"({"streakType":"daily","count":1,"longest":1,"localDate":"2026-02-29","timezone":"UTC"})", "/localDate",
        "must be a date, such as 2026-03-06");
}

TEST_CASE("words must be among those known") {
    check_invalid<gamification::StreakMilestoneReached>(R"({"streakType":"hourly","milestone":3})", "/streakType",
                                                        "must be one of daily, weekly, challenge_completion");
    check_invalid<gamification::StreakMilestoneReached>(R"({"streakType":true,"milestone":3})", "/streakType",
                                                        "must be a text");
    check_invalid<ws::Ping>(R"({"type":"pong"})", "/type", R"(must be "ping")");
}

TEST_CASE("a missing member is named, the first in the schema's order") {
    check_invalid<Registration>("{}", "/email", "is required");
    check_invalid<Registration>(R"({"timezone":"UTC","email":"a@b"})", "/password", "is required");
}

TEST_CASE("paths lead into arrays and objects") {
    check_invalid<Progress>(
        R"({"distractionEvents":[{"at":"2026-03-06T12:00:00Z","kind":"phone"},{"at":"2026-03-06T12:00:00Z"}]})",
        "/distractionEvents/1/kind", "is required");
    check_invalid<Progress>(R"({"distractionEvents":[{"at":"2026-03-06T12:00:00Z","kind":""}]})",
                            "/distractionEvents/0/kind", "must have at least 1 character");
    check_invalid<Progress>(R"({"distractionEvents":[{"at":"2026-03-06T12:00:00Z","kind":"a","a/b~c":1}]})",
                            "/distractionEvents/0/a~1b~0c", "is not a member known here");
    check_invalid<Progress>(R"({"distractionEvents":{}})", "/distractionEvents", "must be an array");
    check_invalid<Progress>(R"({"distractionEvents":[1]})", "/distractionEvents/0", "must be an object");
    check_invalid<Progress>(R"({"sessionData":[]})", "/sessionData", "must be an object");
}

TEST_CASE("arrays have a size") {
    const std::string one = R"({"at":"2026-03-06T12:00:00Z","kind":"a"})";
    const auto progress = [&](std::size_t count) {
        return R"({"distractionEvents":[)" + repeated(one + ",", count - 1) + one + "]}";
    };
    CHECK(json::decode<Progress>(progress(200)));
    check_invalid<Progress>(progress(201), "/distractionEvents", "must have at most 200 items");
    check_invalid<gamification::RuleBook>(R"({"versions":[]})", "/versions", "must have at least 1 item");
}

TEST_CASE("a root must be an object") {
    for (const auto* text : {"[]", "1", "\"text\"", "true", "null", "-0.5e3"}) {
        check_invalid<Completion>(text, "", "must be an object");
    }
}

TEST_CASE("an optional member may be absent but not null; a nullable one may be null but not absent") {
    CHECK(json::decode<Completion>(completion("1"))->occurred_at == std::nullopt);
    check_invalid<Completion>(R"({"performanceScore":1,"completionTime":1,"occurredAt":null})", "/occurredAt",
                              "must be an RFC 3339 date-time, such as 2026-03-06T12:00:00Z");
    const std::string page = R"({"items":[],"me":null,"asOf":"2026-03-06T12:00:00.000Z"})";
    CHECK(json::decode<gamification::http::LeaderboardResponse>(page)->me == std::nullopt);
    check_invalid<gamification::http::LeaderboardResponse>(R"({"items":[],"asOf":"2026-03-06T12:00:00.000Z"})", "/me",
                                                           "is required");
}

TEST_CASE("defaults stand in for what is absent, and are written") {
    const auto challenge = json::decode<challenges::http::CreateChallengeRequest>(
        R"({"type":"custom","title":"T","difficulty":1,"estimatedDuration":5})");
    REQUIRE(challenge.has_value());
    CHECK(json::encode(*challenge) ==
          R"({"type":"custom","title":"T","description":"","difficulty":1,"estimatedDuration":5,)"
          R"("instructions":[],"successCriteria":{},"rewards":[]})");
}

TEST_CASE("what is not JSON is malformed, wherever that shows") {
    for (const auto* text : {"",
                             " ",
                             "{",
                             "}",
                             "{}}",
                             "{} {}",
                             "{},",
                             "nul",
                             "tru",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{,}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "{'a':1}",
                             "[1,]",
                             "[,1]",
                             "[1 2]",
                             "{\"a\":01}",
                             "{\"a\":1.}",
                             "{\"a\":.5}",
                             "{\"a\":+1}",
                             "{\"a\":-}",
                             "{\"a\":1e}",
                             "{\"a\":NaN}",
                             "{\"a\":tru}",
                             "{\"a\":nulll}",
                             "{\"a\":\"\\x\"}",
                             "{\"a\":\"\\u12g4\"}",
                             "{\"a\":\"\\ud800\"}",
                             "{\"a\":\"\\ud800\\u0041\"}",
                             "{\"a\":\"\\udc00\"}",
                             "{\"a\":\"tab\there\"}",
                             "{\"a\":\"line\nbreak\"}",
                             "{\"a\":\"open}",
                             "{\"a\":1}//",
                             "/**/{}",
                             "\xEF\xBB\xBF{}",
                             "{\"a\":\"\xC3\x28\"}",
                             "{\"a\":\"\xED\xA0\x80\"}",
                             "{\"a\":\"\xF4\x90\x80\x80\"}",
                             "{\"a\":\"\xC0\x80\"}",
                             "{\"a\":1}\x01",
                             "{\"a\":\"x\"y}",
                             "{\"a\":[1}]",
                             "{\"a\":1]"}) {
        check_malformed<gamification::LevelReached>(text);
        check_malformed<Completion>(text);
    }
    using namespace std::string_view_literals;
    check_malformed<Completion>("{}\0"sv);
    check_malformed<Completion>("{\"a\":\"\0\"}"sv);
}

TEST_CASE("a text that is malformed further on is malformed, even if something before is invalid") {
    check_malformed<Completion>(R"({"performanceScore":101,"completionTime":1,})");
    check_malformed<Completion>(R"({"unknown":1,"completionTime":})");
}

TEST_CASE("a name twice in an object is malformed, however it is written") {
    check_malformed<Completion>(R"({"performanceScore":1,"performanceScore":1,"completionTime":1})");
    check_malformed<Completion>(R"({"performanceScore":1,"performance\u0053core":1,"completionTime":1})");
    check_malformed<gamification::LevelReached>(R"({"level":1,"other":1,"other":2})");
    check_malformed<gamification::LevelReached>(R"({"level":1,"other":{"x":1,"y":2,"x":1}})");
    check_malformed<Progress>(progress_with(R"({"a":[{"b":1,"c":2,"b":3}]})"));
    CHECK(refusal_of<Completion>(R"({"performanceScore":1,"performanceScore":1})").path == "/performanceScore");
}

TEST_CASE("32 levels are read, 33 are malformed") {
    const auto nested = [](std::size_t levels) {
        return progress_with(R"({"a":)" + repeated("[", levels - 2) + repeated("]", levels - 2) + "}");
    };
    CHECK(json::decode<Progress>(nested(32)));
    check_malformed<Progress>(nested(33));
    check_malformed<gamification::LevelReached>(R"({"level":1,"other":)" + repeated("[", 32) + repeated("]", 32) + "}");
    check_malformed<gamification::LevelReached>(repeated("[", 100'000));
    check_malformed<gamification::LevelReached>(R"({"level":1,"other":)" + repeated(R"({"a":)", 100'000));
}

TEST_CASE("U+0000 is refused: no database of ours holds it") {
    check_invalid<Registration>(registration(R"("a\u0000b")"), "/email", "must not hold U+0000");
    check_invalid<Progress>(progress_with(R"({"a":"\u0000"})"), "/sessionData/a", "must not hold U+0000");
    check_invalid<Progress>(progress_with(R"({"\u0000":1})"), "/sessionData/" + std::string(1, '\0'),
                            "must not hold U+0000");
}

TEST_CASE("free JSON is kept as it is, but minified and escaped in one way") {
    const auto progress = json::decode<Progress>(progress_with(
        R"( { "b" : [ 1 , 2.50 , -0 , 1E5 , true , false , null , { } , [ ] ] , "a" : "\u00e9\/\u000a\"\\" } )"));
    REQUIRE(progress.has_value());
    CHECK(progress->session_data->text ==
          "{\"b\":[1,2.50,-0,1E5,true,false,null,{},[]],\"a\":\"\xC3\xA9/\\n\\\"\\\\\"}");
    check_malformed<Progress>(progress_with(R"({"a":1e999})"));
}

TEST_CASE("texts survive with every character that needs an escape") {
    std::string all;
    for (char c = 1; c < 0x7F; ++c) all += c;
    all += "\xC3\xA9 \xE3\x82\xAD \xF0\x9F\x8D\x85";
    identity::ClaimEmail claim{
        .email_claim_id = {}, .user_id = {}, .email = "a@b", .display_name = "x", .timezone = "UTC", .credential = all};
    const auto again = json::decode<identity::ClaimEmail>(json::encode(claim));
    REQUIRE(again.has_value());
    CHECK(*again == claim);
    CHECK(json::encode(ws::Error{.code = "\b\f\n\r\t\x1F\x7F/\"\\", .message = ""}) ==
          "{\"type\":\"error\",\"code\":\"\\b\\f\\n\\r\\t\\u001f\x7F/\\\"\\\\\",\"message\":\"\"}");
}

TEST_CASE("blanks and any order of members are fine, and a large text is read as a small one") {
    const auto completed = json::decode<Completion>("\n{ \"completionTime\" : 5 ,\r\n\t\"performanceScore\":7 } \n");
    REQUIRE(completed.has_value());
    CHECK(completed->performance_score == PerformanceScore{7});
    const auto large = json::decode<Progress>(progress_with(R"({"a":")" + std::string(3'000'000, 'x') + R"("})"));
    REQUIRE(large.has_value());
    CHECK(large->session_data->text.size() == 3'000'008);
    CHECK(json::decode<Completion>(completion("1")).has_value());
}

TEST_CASE("a variant is read by its wire type") {
    const auto event =
        json::decode_variant<gamification::LearnerEvent>("gamification.level_reached.v1", R"({"level":4})");
    REQUIRE(event.has_value());
    CHECK(*event == gamification::LearnerEvent{gamification::LevelReached{Level{4}}});
    CHECK(json::type_of(*event) == "gamification.level_reached.v1");
    CHECK(json::encode(*event) == R"({"level":4})");
    const auto unknown =
        json::decode_variant<gamification::LearnerEvent>("gamification.level_reached.v9", R"({"level":4})");
    CHECK(unknown.error() == Violation{Kind::invalid, "", "has an unknown type"});
    const auto invalid =
        json::decode_variant<gamification::LearnerEvent>("gamification.level_reached.v1", R"({"level":0})");
    CHECK(invalid.error() == Violation{Kind::invalid, "/level", "must be at least 1"});
}

TEST_CASE("a message says itself what it is") {
    const auto message = json::decode_tagged<ws::ClientMessage>(R"({"channel":"me","type":"subscribe"})");
    REQUIRE(message.has_value());
    CHECK(*message == ws::ClientMessage{ws::Subscribe{.channel = "me"}});
    CHECK(json::decode_tagged<ws::ClientMessage>(R"({"type":"dance"})").error() ==
          Violation{Kind::invalid, "/type", "has an unknown type"});
    CHECK(json::decode_tagged<ws::ClientMessage>(R"({"type":1})").error().path == "/type");
    CHECK(json::decode_tagged<ws::ClientMessage>(R"({})").error() == Violation{Kind::invalid, "/type", "is required"});
    CHECK(json::decode_tagged<ws::ClientMessage>(R"({"type":"ping","type":"ping"})").error().kind == Kind::malformed);
    CHECK(json::decode_tagged<ws::ClientMessage>("ping").error().kind == Kind::malformed);
    CHECK(json::decode_tagged<ws::ClientMessage>("[]").error() == Violation{Kind::invalid, "", "must be an object"});
}
}
