// tests/integration/projections/event_versions_test.cpp: a log in which programs of two versions have written is one
// log.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "projections/engine/rebuild.hpp"
#include "projections/engine/versions.hpp"
#include "schemas/challenges/codec.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using test::named;
using test::on;
using test::ProjectedWorld;
using test::RunningProjectors;

namespace {

const auto mika = named<UserId>("mika");
const auto first = named<ChallengeSessionId>("first"), second = named<ChallengeSessionId>("second");
constexpr std::string_view noon = "2026-03-06T12:00:00Z", later = "2026-03-06T12:25:00Z";

test::Happened started(const ChallengeSessionId& session) {
    return on(session, noon,
              challenges::SessionStarted{.challenge_id = named<ChallengeId>("tomato"),
                                         .user_id = mika,
                                         .challenge_type = ChallengeType::pomodoro,
                                         .difficulty = Difficulty{2},
                                         .timezone = "UTC",
                                         .current_phase = "started",
                                         .started_at = test::at(noon)});
}

/// The bytes that programs wrote before version 2.
test::Happened abandoned_then(const ChallengeSessionId& session) {
    auto event = on(session, later, challenges::SessionAbandonedV1{});
    event.data = fmt::format(
        R"({{"userId":"{}","challengeId":"{}","challengeType":"pomodoro","difficulty":2,"occurredAt":"2026-03-06T12:25:00.000Z","timezone":"UTC"}})",
        to_string(mika), to_string(named<ChallengeId>("tomato")));
    REQUIRE(event.type == "challenges.session_abandoned.v1");
    return event;
}

test::Happened abandoned_now(const ChallengeSessionId& session) {
    return on(session, later,
              challenges::SessionAbandoned{.user_id = mika,
                                           .challenge_id = named<ChallengeId>("tomato"),
                                           .challenge_type = ChallengeType::pomodoro,
                                           .difficulty = Difficulty{2},
                                           .occurred_at = test::at(later),
                                           .timezone = "UTC",
                                           .reason = challenges::AbandonReason::too_hard});
}

std::string reasons(const ProjectedWorld& world) {
    std::string told;
    auto connection = world.connect();
    for (const auto& session : {first, second}) {
        const auto rows = connection.execute(
            fmt::format("SELECT status || ' ' || abandon_reason FROM challenge_sessions WHERE session_id = '{}'",
                        to_string(session)));
        for (const auto& row : rows) told += row.get<std::string>(0) + "; ";
    }
    return told;
}

constexpr std::string_view both = "abandoned unspecified; abandoned too_hard; ";

}  // namespace

TEST_SUITE("event_versions") {
TEST_CASE("live, in one batch or in several, verified and rebuilt: the same rows") {
    ProjectedWorld world{1};
    bool in_bulk = false;
    SUBCASE("live") { in_bulk = false; }
    SUBCASE("in bulk") { in_bulk = true; }
    std::vector<test::Told> story{{started(first)}, {abandoned_then(first)}};
    const std::vector<test::Told> then{{started(second)}, {abandoned_now(second)}};
    if (in_bulk) {
        story.insert(story.end(), then.begin(), then.end());
        world.log.write(story);
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    } else {
        const RunningProjectors running{world.settings()};
        world.log.write(story);
        world.wait_until_read();
        world.log.write(then);
        world.wait_until_read();
    }
    CHECK(reasons(world) == both);
    world.check_verified(0);

    const auto rebuilt = projections::rebuild({.bootstrap = test::kafka_server(),
                                               .session = world.schema.session(),
                                               .read_models = {world.model("challenge_sessions")},
                                               .load = {},
                                               .as_of = {},
                                               .on_progress = {}},
                                              {});
    REQUIRE(rebuilt.size() == 1);
    CHECK(rebuilt.front().live);
    CHECK(reasons(world) == both);
    auto connection = world.connect();
    for (const auto& one : projections::versions_of(connection))
        connection.execute(
            fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA IF EXISTS "{}" CASCADE)", one.schema));
}
}
