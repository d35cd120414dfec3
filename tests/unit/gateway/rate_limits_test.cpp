// tests/unit/gateway/rate_limits_test.cpp: who may ask how often, on one gateway and on several, and who is forgotten.
#include "gateway/core/rate_limits.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <numeric>

#include "tests/unit/gateway/house.hpp"

using namespace kiroku;
using namespace kiroku::gateway;
using namespace kiroku::test;
using namespace std::chrono_literals;

namespace {

const RateLimits::Clock::time_point start{1'000h};

Uuid somebody(int number) { return uuid_v5({}, std::to_string(number)); }

RateSettings reads(std::int64_t quota, std::chrono::seconds window, int gateways = 1) {
    auto settings = *RateSettings::parse(fmt::format("off"));
    settings.policies[static_cast<std::size_t>(RateClass::read)] = {quota, window};
    settings.gateways = gateways;
    return settings;
}

/// How many are allowed to somebody who asks every millisecond.
int allowed(RateLimits& limits, std::chrono::milliseconds during) {
    int count = 0;
    for (auto at = 0ms; at < during; at += 1ms) count += limits.take(RateClass::read, somebody(1), start + at).allowed;
    return count;
}

}  // namespace

TEST_SUITE("gateway/rate_limits") {
TEST_CASE("a bucket is emptied at once, fills up by and by, and is told of") {
    RateLimits limits{reads(10, 60s)};
    for (int left = 9; left >= 0; --left) {
        const auto verdict = limits.take(RateClass::read, somebody(1), start);
        CHECK(verdict.allowed);
        CHECK(verdict.remaining == left);
        CHECK(verdict.full_in == (10 - left) * 6s);
    }
    const auto refused = limits.take(RateClass::read, somebody(1), start);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.remaining == 0);
    CHECK(refused.retry_in == 6s);
    CHECK(limits.take(RateClass::read, somebody(2), start).allowed);
    CHECK_FALSE(limits.take(RateClass::read, somebody(1), start + 5'999ms).allowed);
    CHECK(limits.take(RateClass::read, somebody(1), start + 6s).allowed);
    CHECK_FALSE(limits.take(RateClass::read, somebody(1), start + 6s).allowed);
    CHECK(limits.take(RateClass::read, somebody(1), start + 1h).remaining == 9);
}

TEST_CASE("whatever the pauses, nobody gets more than the quota and what filled up meanwhile") {
    RateLimits limits{reads(100, 10s)};
    CHECK(allowed(limits, 20'000ms) <= 300);
    RateLimits again{reads(100, 10s)};
    CHECK(allowed(again, 20'000ms) >= 298);
}

TEST_CASE("several gateways together give no more than one, but for what is rounded") {
    for (const int gateways : {1, 2, 3, 7}) {
        CAPTURE(gateways);
        int in_all = 0;
        for (int gateway = 0; gateway < gateways; ++gateway) {
            RateLimits limits{reads(100, 10s, gateways)};
            in_all += allowed(limits, 20'000ms);
        }
        CHECK(in_all <= 300 + gateways - 1);
        CHECK(in_all >= 290);
    }
}

TEST_CASE("looking takes nothing; classes and kinds of askers have buckets of their own") {
    auto settings = reads(1, 60s);
    settings.policies[static_cast<std::size_t>(RateClass::denied)] = {1, 60s};
    RateLimits limits{settings};
    const auto from = *ClientAddress::parse("192.0.2.1");
    for (int i = 0; i < 3; ++i) CHECK(limits.look(RateClass::denied, from, start).allowed);
    CHECK(limits.take(RateClass::denied, from, start).allowed);
    CHECK_FALSE(limits.look(RateClass::denied, from, start).allowed);
    CHECK(limits.take(RateClass::read, from, start).allowed);
    CHECK(limits.take(RateClass::read, Uuid{from.bytes}, start).allowed);
    CHECK(limits.take(RateClass::command, from, start).allowed);
    CHECK(limits.take(RateClass::command, from, start).rate == RateClass::unlimited);
}

TEST_CASE("a /64 is one asker, and so is an address of IPv4") {
    RateLimits limits{reads(1, 60s)};
    const auto take = [&](const char* from) {
        return limits.take(RateClass::read, *ClientAddress::parse(from), start).allowed;
    };
    CHECK(take("2001:db8:0:1::1"));
    CHECK_FALSE(take("2001:db8:0:1:ffff::2"));
    CHECK(take("2001:db8:0:2::1"));
    CHECK(take("192.0.2.1"));
    CHECK(take("192.0.2.2"));
    CHECK_FALSE(take("::ffff:192.0.2.2"));
}

TEST_CASE("in a table that is too small, who is full is forgotten before who isn't, and the emptiest last") {
    auto settings = reads(10, 100s);
    settings.sets = 1;
    RateLimits limits{settings};
    for (int i = 0; i < 10; ++i) limits.take(RateClass::read, somebody(0), start);
    for (int other = 1; other <= 100; ++other) CHECK(limits.take(RateClass::read, somebody(other), start).allowed);
    CHECK(limits.forgotten() == 97);
    CHECK_FALSE(limits.take(RateClass::read, somebody(0), start).allowed);

    RateLimits idle{settings};
    for (int one = 0; one < 4; ++one) idle.take(RateClass::read, somebody(one), start);
    for (int one = 4; one < 8; ++one) idle.take(RateClass::read, somebody(one), start + 10s);
    CHECK(idle.forgotten() == 0);
}

TEST_CASE("settings: the usual ones, changes to them, none, and nonsense") {
    const auto quota = [](const RateSettings& settings, RateClass rate) {
        return settings.policies[static_cast<std::size_t>(rate)].quota;
    };
    const auto usual = RateSettings::parse("");
    REQUIRE(usual);
    CHECK(quota(*usual, RateClass::auth) > 0);
    CHECK(quota(*usual, RateClass::unlimited) == 0);
    const auto changed = RateSettings::parse("auth=5/10,read=0");
    REQUIRE(changed);
    CHECK(quota(*changed, RateClass::auth) == 5);
    CHECK(quota(*changed, RateClass::read) == 0);
    CHECK(quota(*changed, RateClass::command) == quota(*usual, RateClass::command));
    const auto all = RateSettings::parse("all=7/1");
    REQUIRE(all);
    CHECK(quota(*all, RateClass::denied) == 7);
    CHECK(quota(*all, RateClass::unlimited) == 0);
    CHECK(quota(*RateSettings::parse("off"), RateClass::auth) == 0);
    for (const char* bad : {"auth", "auth=", "auth=5", "auth=5/", "auth=5/0", "auth=-1/5", "nobody=1/1",
                            "unlimited=1/1", "auth=1/1,,", "auth=9999999999999/1"}) {
        CAPTURE(bad);
        CHECK_FALSE(RateSettings::parse(bad));
    }
}

TEST_CASE("over HTTP: headers on each limited answer, 429 with the time to wait, none for operators") {
    auto settings = House::quick();
    settings.rates = *RateSettings::parse("auth=3/60,read=2/60,denied=2/60,login=0");
    House house{settings};
    CHECK(house.get("/healthz").header("RateLimit").empty());
    const auto first = house.get("/me", house.bearer());
    CHECK(first.header("RateLimit-Policy") == R"("read";q=2;w=60)");
    CHECK(first.header("RateLimit") == R"("read";r=1;t=30)");
    CHECK(house.get("/me", house.bearer()).header("RateLimit") == R"("read";r=0;t=60)");
    const auto refused = house.get("/me", house.bearer());
    CHECK(refused.status == 429);
    CHECK(refused.member("code") == "too_many_requests");
    CHECK(refused.member("policy") == "read");
    CHECK(refused.header("Retry-After") == "30");
    CHECK(refused.header("RateLimit") == R"("read";r=0;t=60)");
    CHECK(refused.header("Connection").empty());
    CHECK(house.get("/me", house.bearer("noor")).status != 429);

    CHECK(house.post("/auth/refresh", R"({"refreshToken":"x"})").status == 401);
    CHECK(house.post("/auth/refresh", R"({"refreshToken":"x"})").status == 401);
    CHECK(house.post("/auth/refresh", "{").header("RateLimit") == R"("auth";r=0;t=60)");
    CHECK(house.post("/auth/refresh", R"({"refreshToken":"x"})").status == 429);

    CHECK(house.get("/me", "Authorization: Bearer x\r\n").header("RateLimit") == R"("denied";r=1;t=30)");
    CHECK(house.get("/me").status == 401);
    CHECK(house.get("/me", "Authorization: Bearer x\r\n").status == 429);
}

TEST_CASE("tries at one password count together wherever they come from; behind a trusted proxy, addresses are told") {
    auto settings = House::quick();
    settings.rates = *RateSettings::parse("auth=1/60,login=2/60");
    settings.proxies = *TrustedProxies::parse({"127.0.0.0/8"});
    House house{settings};
    const auto log_in = [&](const char* email, const char* from) {
        return house.post("/auth/login", fmt::format(R"({{"email":"{}","password":"not the one"}})", email),
                          fmt::format("X-Forwarded-For: {}\r\n", from));
    };
    CHECK(log_in("mika@example.org", "192.0.2.1").status == 503);  // there is no database to look in
    CHECK(log_in("mika@example.org", "192.0.2.1").member("policy") == "auth");
    CHECK(log_in("mika@example.org", "192.0.2.2").status == 503);
    const auto third = log_in(" MIKA@example.org", "192.0.2.3");
    CHECK(third.status == 429);
    CHECK(third.member("policy") == "login");
    CHECK(log_in("noor@example.org", "192.0.2.4").status == 503);
}

TEST_CASE("WebSockets of one address are limited before they are opened") {
    auto settings = House::quick();
    settings.rates = *RateSettings::parse("stream=2/60");
    House house{settings};
    const std::string upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    for (int i = 0; i < 2; ++i) CHECK(house.exchange({upgrade}, 1).empty());
    CHECK(house.websockets == 2);
    const auto refused = house.ask(upgrade);
    CHECK(refused.status == 429);
    CHECK(refused.header("Retry-After") == "30");
    CHECK(house.websockets == 2);
}
}
