// tests/integration/projections/positions_test.cpp: whoever waits for a position is told when the rows have reached it.
#include "projections/engine/positions.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <future>
#include <set>

#include "infra/postgres/listener.hpp"
#include "projections/gamification/progress.hpp"
#include "tests/support/awards.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::Reached;
using test::award;
using test::mika;
using test::noon;
using test::ProjectedWorld;
using test::RunningProjectors;

TEST_SUITE("positions") {
Reached wait(projections::Positions& positions, const std::vector<std::string>& models, const log::Position& position,
             std::chrono::milliseconds within) {
    std::promise<Reached> answer;
    positions.wait(models, position, within, [&](Reached reached) { answer.set_value(reached); });
    return answer.get_future().get();
}

TEST_CASE("whoever waits for what they wrote sees it, and no longer than it takes") {
    ProjectedWorld world;
    projections::Positions positions{world.schema.session(), world.models};
    const auto home = world.log.partition_of(mika.value);
    auto running = std::make_unique<RunningProjectors>(world.settings());
    auto connection = world.connect();
    postgres::Read read{connection};
    for (int number = 1; number <= 20; ++number) {
        log::Position written;
        written.include(home.context, home.number, world.log.write({award(mika, number, noon)}));
        world.log.settle();
        REQUIRE(wait(positions, {"progress", "leaderboard"}, written, 10s) == Reached::yes);
        CHECK(gamification::progress_of(read, mika)->total_xp == Xp{number});
        CHECK(wait(positions, {"progress"}, written, 0s) == Reached::yes);
        CHECK(projections::position_of(read, "progress").offsets().at({home.context, home.number}) >=
              written.offsets().begin()->second);
    }
    running.reset();
    log::Position never;
    never.include(home.context, home.number, world.log.write({award(mika, 21, noon)}));
    const auto begun = std::chrono::steady_clock::now();
    CHECK(wait(positions, {"progress"}, never, 50ms) == Reached::too_late);
    CHECK(std::chrono::steady_clock::now() - begun < 5s);
}

TEST_CASE("what the database tells is believed at once, but only of these tables") {
    ProjectedWorld world;
    projections::Positions positions{world.schema.session(), world.models};
    auto connection = world.connect();
    const auto tell = [&](const std::string& schema, int next) {
        connection.execute(fmt::format("SELECT pg_notify('kiroku_positions', E'{}\\nprogress {} 0 {}')", schema,
                                       world.log.context(), next));
    };
    const auto hears = [&](const std::string& schema, int next) {
        log::Position told;
        told.include(world.log.context(), 0, Offset{next - 1});
        std::promise<Reached> answer;
        positions.wait({"progress"}, told, 1s, [&](Reached reached) { answer.set_value(reached); });
        auto outcome = answer.get_future();
        while (outcome.wait_for(5ms) != std::future_status::ready) tell(schema, next);
        return outcome.get();
    };
    CHECK(hears(world.schema.session().schema, 1'000) == Reached::yes);
    CHECK(hears("elsewhere", 2'000) == Reached::too_late);
}

TEST_CASE("checkpoints tell where they are put, once it is committed") {
    ProjectedWorld world;
    postgres::Listener listener{world.schema.session(), "kiroku_positions"};
    const runtime::Wakeup never;
    const auto heard = [&](std::chrono::milliseconds within) {
        std::set<std::string> all;
        for (const auto& one : listener.hear(within, never)) all.insert(one);
        return all;
    };
    auto connection = world.connect();
    {
        postgres::Transaction transaction{connection};
        transaction.execute("INSERT INTO checkpoint (read_model, context, part, next_offset) VALUES ('a', 'b', 1, 7)");
        CHECK(heard(50ms).empty());
        transaction.commit();
    }
    const auto schema = world.schema.session().schema;
    CHECK(heard(10s) == std::set{schema + "\na b 1 7"});
    connection.execute("UPDATE checkpoint SET next_offset = 8 WHERE read_model = 'a'");
    CHECK(heard(10s) == std::set{schema + "\na b 1 8"});
    connection.execute(
        "INSERT INTO checkpoint (read_model, context, part, next_offset) SELECT 'longer', 'context', part, part * 1000 "
        "FROM generate_series(10, 13) AS part");
    CHECK(heard(10s) ==
          std::set{schema + "\nlonger context 10 10000\nlonger context 11 11000\nlonger context 12 12000" +
                   "\nlonger context 13 13000"});
    connection.execute(
        "INSERT INTO checkpoint (read_model, context, part) SELECT repeat('x', 100), 'b', * FROM "
        "generate_series(1, 100)");
    CHECK(heard(10s) == std::set{schema});
}

TEST_CASE("contexts that a read model doesn't read are not waited for") {
    ProjectedWorld world;
    projections::Positions positions{world.schema.session(), world.models};
    log::Position elsewhere;
    elsewhere.include("another_context", 3, Offset{1'000});
    CHECK(wait(positions, {"progress"}, elsewhere, 0s) == Reached::yes);
    CHECK(wait(positions, {"progress"}, {}, 0s) == Reached::yes);
}

TEST_CASE("those who wait when it ends are told") {
    ProjectedWorld world;
    std::promise<Reached> answer;
    {
        projections::Positions positions{world.schema.session(), world.models};
        log::Position never;
        never.include(world.log.context(), 0, Offset{1'000});
        positions.wait({"progress"}, never, 60s, [&](Reached reached) { answer.set_value(reached); });
        std::this_thread::sleep_for(20ms);
    }
    CHECK(answer.get_future().get() == Reached::unavailable);
}
}
