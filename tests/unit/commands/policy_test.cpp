// tests/unit/commands/policy_test.cpp: a policy answers what happened, in whichever version it was written.
#include "commands/reactor/policy.hpp"

#include <doctest/doctest.h>

#include "commands/contexts.hpp"
#include "schemas/catalog.hpp"
#include "schemas/challenges/codec.hpp"
#include "tests/support/given.hpp"

using namespace kiroku;
using test::named;

namespace {

const challenges::SessionAbandonedV1 old{.user_id = named<UserId>("mika"),
                                         .challenge_id = named<ChallengeId>("tomato"),
                                         .challenge_type = ChallengeType::pomodoro,
                                         .difficulty = Difficulty{2},
                                         .occurred_at = test::at("2026-03-06T12:25:00Z"),
                                         .timezone = "Asia/Tokyo"};

std::vector<log::CommandRecord> answers(std::string_view type, const std::string& data) {
    std::vector<log::CommandRecord> sent;
    for (const auto& policy : commands::all_policies()) {
        if (!policy.answers(type)) continue;
        if (auto command = policy.respond({named<EventId>("ended"), type, data, {}, {}, {}})) sent.push_back(*command);
    }
    return sent;
}

}  // namespace

TEST_SUITE("commands/policy") {
TEST_CASE("an older version leads to the command that it led to when it was written, byte for byte") {
    const auto then = answers("challenges.session_abandoned.v1", json::encode(old));
    const auto now = answers("challenges.session_abandoned.v2", json::encode(upcast(old)));
    REQUIRE(then.size() == 1);
    REQUIRE(now.size() == 1);
    CHECK(then[0].command == now[0].command);
    CHECK(then[0].hash == now[0].hash);
    CHECK(then[0].data == now[0].data);
    CHECK(answers("challenges.session_abandoned.v3", json::encode(old)).empty());
}

TEST_CASE("whoever answers an event answers it in all of its versions") {
    for (const auto& older : schemas::older_versions())
        for (const auto& policy : commands::all_policies())
            CHECK(policy.answers(older.type) == policy.answers(older.today));
}

TEST_CASE("what isn't an event of that kind can't be digested") {
    CHECK_THROWS_AS(answers("challenges.session_abandoned.v1", "{}"), commands::UndigestedCause);
}
}
