// tests/integration/projections/positions_test.cpp: whoever waits for a position is told when the rows have reached it.
#include "projections/engine/positions.hpp"

#include <doctest/doctest.h>

#include <future>

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
