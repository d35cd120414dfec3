// tests/integration/projections/parked_test.cpp: what a read model can't digest waits, with all that follows of its
// aggregate, while everything else goes on; and what operators do about it.
#include "projections/engine/parked.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "projections/engine/status.hpp"
#include "projections/gamification/leaderboard.hpp"
#include "projections/gamification/progress.hpp"
#include "projections/gamification/xp_history.hpp"
#include "tests/support/awards.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::ParkedKey;
using projections::StoredDecision;
using test::award;
using test::Happened;
using test::mika;
using test::named;
using test::noon;
using test::ProjectedWorld;
using test::RunningProjectors;

namespace {

/// No program can read it.
Happened broken() {
    auto event = award(mika, 2, noon);
    event.data = R"({"awardId":"?"})";
    return event;
}

/// The column `total_xp` doesn't take it; everything else does.
Happened refused() {
    auto event = award(mika, 1, noon);
    event.data.replace(event.data.find("\"totalXp\":1"), 11, "\"totalXp\":-1");
    return event;
}

UserId neighbour(const ProjectedWorld& world) {
    auto other = named<UserId>("ayo");
    while (world.log.partition_of(other.value) != world.log.partition_of(mika.value)) other = UserId{random_uuid_v7()};
    return other;
}

std::int64_t total_of(const ProjectedWorld& world, const UserId& user) {
    return world.number(
        fmt::format("SELECT coalesce(max(total_xp), 0) FROM progress WHERE user_id = '{}'", to_string(user)));
}

std::vector<StoredDecision> parked(const ProjectedWorld& world, const std::string& read_model) {
    auto connection = world.connect();
    postgres::Transaction transaction{connection};
    return projections::parked_in(transaction, read_model);
}

ParkedKey key(const ProjectedWorld& world) { return {world.log.context(), mika.value}; }

/// As `kiroku parked retry` does.
std::optional<std::string> retry(const ProjectedWorld& world, const std::string& read_model) {
    return projections::take_up(test::kafka_server(), world.schema.session(), world.model(read_model), key(world));
}

/// What a mended program would see: the event where the broken one lies is read differently. The log can't be changed,
/// so the park points to another decision.
void mend(const ProjectedWorld& world, Offset broken_at, Offset mended_at) {
    world.connect().execute(
        fmt::format("UPDATE parked SET first_offset = {0}, last_offset = {0} WHERE first_offset = {1}", mended_at.value,
                    broken_at.value));
}

}  // namespace

TEST_SUITE("parked keys") {
TEST_CASE("a decision that can't be digested waits whole, and all that follows of its aggregate; neighbours go on") {
    ProjectedWorld world;
    const RunningProjectors running{world.settings()};
    const auto other = neighbour(world);
    world.log.write({award(mika, 1, noon)});
    world.log.write({award(mika, 2, noon), broken()});  // its first half must not be seen either
    world.log.write({award(other, 5, noon)});
    world.log.write({award(mika, 4, noon)});
    world.log.write({award(other, 9, noon)});
    world.wait_until_read();
    CHECK(total_of(world, mika) == 1);
    CHECK(total_of(world, other) == 9);
    for (const auto* read_model : {"progress", "xp_history", "leaderboard"}) {
        INFO(read_model);
        const auto waiting = parked(world, read_model);
        REQUIRE(waiting.size() == 2);
        CHECK(waiting[0].decision.reason.starts_with("indigestible_event: gamification.xp_awarded.v1"));
        CHECK(waiting[0].decision.last.value == waiting[0].decision.first.value + 1);
        CHECK(waiting[1].decision.reason.empty());
        CHECK(waiting[1].decision.aggregate == mika.value);
    }
    CHECK(parked(world, "accounts").empty());  // it reads no awards
    world.check_verified(0);
}

TEST_CASE("whoever reads is told what is incomplete: rows, ranks, histories, and rows that aren't there") {
    ProjectedWorld world;
    const RunningProjectors running{world.settings()};
    const auto other = neighbour(world);
    const auto lost = named<UserId>("noor");
    auto nothing = broken();
    nothing.aggregate = lost.value;
    world.log.write({award(mika, 1, noon)});
    world.log.write({broken()});
    world.log.write({award(other, 5, noon)});
    world.log.write({nothing});
    world.wait_until_read();

    auto connection = world.connect();
    postgres::Read read{connection};
    const UserId users[]{mika, other, lost, named<UserId>("nobody")};
    std::map<UserId, bool> told;
    for (const auto& row : gamification::progress_of_all(read, users)) told[row.user] = row.incomplete;
    CHECK(told == std::map<UserId, bool>{{mika, true}, {other, false}, {lost, true}});
    CHECK(gamification::progress_of(read, lost)->total_xp == Xp{0});

    const auto all = gamification::window_at(gamification::Timeframe::all, test::at(noon));
    const auto board = gamification::leaderboard_in(read, all, 10, mika);
    REQUIRE(board.items.size() == 2);
    CHECK(board.items[0].user == other);
    CHECK_FALSE(board.items[0].incomplete);
    CHECK(board.items[1].incomplete);
    CHECK(board.me->incomplete);

    CHECK(gamification::xp_history_of(read, mika, {}).incomplete);
    CHECK_FALSE(gamification::xp_history_of(read, other, {}).incomplete);
    CHECK(gamification::xp_history_of(read, lost, {}).incomplete);
}

TEST_CASE("restarts and other projectors know what is parked") {
    ProjectedWorld world{1};
    for (int start = 0; start < 3; ++start) {
        const RunningProjectors running{world.settings()};
        world.log.write({start == 0 ? broken() : award(mika, start, noon)});
        world.wait_until_read();
        CHECK(parked(world, "progress").size() == static_cast<std::size_t>(start + 1));
    }
    CHECK(total_of(world, mika) == 0);
}

TEST_CASE("a value that a table refuses parks its key, and those beside it in the batch go on") {
    ProjectedWorld world;
    world.log.write(test::random_story(9, 10, 300));
    world.log.write({refused()});
    world.log.settle();
    const RunningProjectors running{world.settings()};
    world.wait_until_read();
    world.log.write({award(mika, 3, noon)});  // in one batch with the other it would make the row good again
    world.wait_until_read();
    const auto waiting = parked(world, "progress");
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].decision.reason.starts_with("value_refused: "));
    CHECK(total_of(world, mika) == 0);
    CHECK(parked(world, "xp_history").empty());
    CHECK(world.number("SELECT count(*) FROM progress") >= 5);
    world.check_verified(0);
}

TEST_CASE("taken up: nothing changes while it still can't be digested, all of it is in once it can") {
    ProjectedWorld world{1};
    const RunningProjectors running{world.settings()};
    const auto mended = world.log.write({award(mika, 1, noon)});
    const auto bad = world.log.write({broken()});
    world.log.write({award(mika, 6, noon)});
    world.wait_until_read();
    CHECK(total_of(world, mika) == 1);
    const auto still = retry(world, "xp_history");
    REQUIRE(still.has_value());
    CHECK(still->starts_with("indigestible_event"));
    CHECK(parked(world, "xp_history").size() == 2);

    mend(world, bad, mended);
    CHECK_FALSE(retry(world, "progress").has_value());
    CHECK(parked(world, "progress").empty());
    CHECK(total_of(world, mika) == 6);
    world.log.write({award(mika, 8, noon)});  // the running projector goes on from there
    world.wait_until_read({"progress"});
    CHECK(total_of(world, mika) == 8);
    CHECK_FALSE(running.has_ended());
    CHECK_FALSE(retry(world, "progress").has_value());  // nothing waits: nothing to do
}

TEST_CASE("a value that a table still refuses changes nothing") {
    ProjectedWorld world{1};
    world.log.write({refused()});
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    const auto still = retry(world, "progress");
    REQUIRE(still.has_value());
    CHECK(still->starts_with("value_refused"));
    CHECK(total_of(world, mika) == 0);
    CHECK(parked(world, "progress").size() == 1);
}

TEST_CASE("given up: what comes is taken again, and what was given up stays on record") {
    ProjectedWorld world{1};
    const RunningProjectors running{world.settings()};
    world.log.write({broken()});
    world.log.write({award(mika, 3, noon)});
    world.wait_until_read();
    CHECK(projections::give_up(world.schema.session(), "progress", key(world)) == 2);
    CHECK(projections::give_up(world.schema.session(), "progress", key(world)) == 0);
    world.log.write({award(mika, 5, noon)});
    world.wait_until_read({"progress"});
    CHECK(total_of(world, mika) == 5);
    const auto left = parked(world, "progress");
    REQUIRE(left.size() == 2);
    CHECK(left[0].given_up_at.has_value());
    auto connection = world.connect();
    CHECK(projections::parked_keys(connection, "progress").empty());
    CHECK(projections::parked_keys(connection, "xp_history").size() == 1);
    world.check_verified(0);
}

TEST_CASE("the status counts keys, not decisions, and the records can be read") {
    ProjectedWorld world{1};
    world.log.write({award(mika, 2, noon), broken()});
    world.log.write({award(mika, 3, noon)});
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    auto connection = world.connect();
    projections::LogProbe probe{test::kafka_server()};
    for (const auto& status : projections::status_of(
             connection, probe, {world.model("progress"), world.model("accounts")}, test::at(noon))) {
        CHECK(status.parked == (status.read_model == "progress" ? 1 : 0));
        CHECK(status.version == 1);
    }
    const auto records = projections::records_of(test::kafka_server(), parked(world, "progress").front().decision);
    REQUIRE(records.size() == 2);
    CHECK(records[1].find(R"("awardId":"?")") != std::string::npos);
}
}
