// tests/unit/schemas/core_test.cpp: ids and times, in and out.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <unordered_set>

#include "schemas/challenges/types.hpp"
#include "schemas/core/time.hpp"
#include "schemas/core/types.hpp"
#include "schemas/core/uuid.hpp"
#include "schemas/identity/types.hpp"

using namespace kiroku;
using namespace std::chrono_literals;

namespace {

const Instant noon = std::chrono::sys_days{2026y / 3 / 6} + 12h;

Uuid id(std::string_view text) {
    const auto uuid = Uuid::parse(text);
    REQUIRE(uuid.has_value());
    return *uuid;
}

}  // namespace

TEST_SUITE("schemas/uuid") {
TEST_CASE("reads what it writes, and either case") {
    const auto uuid = id("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17");
    CHECK(to_string(uuid) == "0195677c-1d80-7a3e-9c51-2f6b8d4e0a17");
    CHECK(id("0195677C-1D80-7A3E-9C51-2F6B8D4E0A17") == uuid);
    CHECK(to_string(UserId{uuid}) == to_string(uuid));
    CHECK(to_string(Uuid{}) == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("orders as its text does, and hashes apart") {
    CHECK(id("0195677c-0000-7000-8000-000000000000") < id("f195677c-0000-7000-8000-000000000000"));
    std::unordered_set<std::size_t> hashes;
    for (int i = 0; i < 1000; ++i) hashes.insert(std::hash<UserId>{}(UserId{random_uuid_v7()}));
    CHECK(hashes.size() == 1000);
}

TEST_CASE("version 5 is the one of RFC 9562") {
    const auto dns = id("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    CHECK(to_string(uuid_v5(dns, "www.example.com")) == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST_CASE("version 7 carries its time, and depends on every bit of its seed but those that it must overwrite") {
    const auto seed = id("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    const auto uuid = uuid_v7(noon, seed);
    CHECK(uuid == uuid_v7(noon, seed));
    CHECK(to_string(uuid).substr(0, 15) == "019cc304-d600-7");
    CHECK((uuid.bytes[8] & 0xC0) == 0x80);
    CHECK(uuid < uuid_v7(noon + 1ms, Uuid{}));
    int without_effect = 0;
    for (std::size_t bit = 0; bit < 128; ++bit) {
        auto other = seed;
        other.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if (uuid_v7(noon, other) == uuid) ++without_effect;
    }
    CHECK(without_effect == 6);
}

TEST_CASE("random ones differ") {
    std::set<Uuid> all;
    for (int i = 0; i < 1000; ++i) all.insert(random_uuid_v7());
    CHECK(all.size() == 1000);
}
}

TEST_SUITE("schemas/time") {
TEST_CASE("an instant is written in UTC with three decimals") {
    CHECK(to_string(noon) == "2026-03-06T12:00:00.000Z");
    CHECK(to_string(noon + 61'007ms) == "2026-03-06T12:01:01.007Z");
    CHECK(to_string(Instant{-1ms}) == "1969-12-31T23:59:59.999Z");
    CHECK(to_string(Instant{std::chrono::sys_days{0y / 1 / 1}}) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("an instant is read with any offset and up to nine decimals") {
    for (const auto* text :
         {"2026-03-06T12:00:00Z", "2026-03-06T12:00:00.0Z", "2026-03-06t12:00:00z", "2026-03-06T21:00:00+09:00",
          "2026-03-06T03:30:00.000000000-08:30", "2026-03-07T00:00:00+12:00", "2026-03-06T12:00:00.000999999Z"}) {
        CAPTURE(text);
        CHECK(parse_instant(text) == noon);
    }
    CHECK(parse_instant("2026-03-06T12:00:00.12Z") == noon + 120ms);
    CHECK(parse_instant("2024-02-29T00:00:00Z").has_value());
    CHECK(parse_instant("9999-12-31T23:59:59.999Z").has_value());
}

TEST_CASE("what is no instant is refused") {
    for (const auto* text : {"",
                             "2026-03-06",
                             "2026-03-06T12:00:00",
                             "2026-03-06 12:00:00Z",
                             "2026-03-06T12:00Z",
                             "2026-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-01-00T00:00:00Z",
                             "2026-01-01T24:00:00Z",
                             "2026-01-01T00:60:00Z",
                             "2026-01-01T00:00:60Z",
                             "2026-01-01T00:00:00.Z",
                             "2026-01-01T00:00:00.1234567890Z",
                             "2026-01-01T00:00:00+0900",
                             "2026-01-01T00:00:00+24:00",
                             "2026-01-01T00:00:00+09:60",
                             "2026-01-01T00:00:00ZZ",
                             "2026-01-01T00:00:00Z ",
                             "-026-01-01T00:00:00Z",
                             "+2026-01-01T00:00:00Z",
                             "2026-01-01T-1:00:00Z",
                             "0000-01-01T00:00:00+00:01",
                             "9999-12-31T23:59:59-00:01",
                             "2026-01-01T00:00:00.",
                             "2026-01-01T00:00:00+",
                             "2026_01-01T00:00:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_instant(text).has_value());
    }
}

TEST_CASE("a date is read and written") {
    const LocalDate friday{2026y / 3 / 6};
    CHECK(to_string(friday) == "2026-03-06");
    CHECK(parse_date("2026-03-06") == friday);
    for (const auto* text : {"", "2026-3-6", "2026-02-29", "2026-03-06Z", "20260306", "2026/03/06", "2026-03-32"}) {
        CHECK_FALSE(parse_date(text).has_value());
    }
}
}

TEST_SUITE("schemas/generated") {
TEST_CASE("enums have their wire words") {
    CHECK(to_string(challenges::SessionStatus::in_progress) == "in_progress");
    auto type = ChallengeType::custom;
    CHECK(from_string("pomodoro", type));
    CHECK(type == ChallengeType::pomodoro);
    CHECK_FALSE(from_string("Pomodoro", type));
    CHECK(type == ChallengeType::pomodoro);
}

TEST_CASE("refusals have a status, a sentence and whether a retry helps") {
    CHECK(identity::info_of(identity::Refusal::email_taken).status == 409);
    CHECK(info_of(CoreRefusal::command_expired).retryable);
    CHECK(to_string(CoreRefusal::idempotency_key_reused) == "idempotency_key_reused");
    for (const auto& refusal : challenges::refusals()) {
        auto known = challenges::Refusal::challenge_exists;
        CHECK(challenges::from_string(refusal.code, known));
        CHECK(&challenges::info_of(known) == &refusal);
    }
}

TEST_CASE("events know their type and aggregate") {
    CHECK(identity::UserRegistered::type == "identity.user_registered.v1");
    CHECK(identity::UserRegistered::aggregate == "user");
    CHECK(identity::RegisterUser::closed);
    CHECK_FALSE(identity::UserRegistered::closed);
}
}
