// tests/integration/projections/rebuild_test.cpp: new versions of read models beside the live ones: the same rows,
// however they were loaded, switched to while everybody goes on.
#include "projections/engine/rebuild.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "projections/engine/positions.hpp"
#include "tests/support/awards.hpp"
#include "tests/support/projected.hpp"
#include "tests/support/rebuilding.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::VersionState;
using test::award;
using test::Beside;
using test::mika;
using test::noon;
using test::ProjectedWorld;
using test::rebuilding;
using test::RunningProjectors;

namespace {

projections::Version version(const ProjectedWorld& world, const std::string& read_model, int number) {
    auto connection = world.connect();
    for (const auto& one : projections::versions_of(connection)) {
        if (one.read_model == read_model && one.number == number) return one;
    }
    FAIL("there is no version ", number, " of ", read_model);
    return {};
}

void check_same_as_log(const ProjectedWorld& world, const std::string& schema, const projections::ReadModel& model) {
    const auto verdict =
        projections::verify({test::kafka_server(), projections::beside(world.schema.session(), schema), {model}})
            .front();
    INFO(model.name, " in ", schema);
    for (const auto& one : verdict.differences)
        MESSAGE(one.table, " ", one.key, " ", one.column, ": ", one.live, " / ", one.folded);
    CHECK(verdict.holds());
    CHECK(verdict.rows > 0);
}

std::int64_t total_of_mika(const ProjectedWorld& world) {
    return world.number(
        fmt::format("SELECT coalesce(max(total_xp), 0) FROM progress WHERE user_id = '{}'", to_string(mika)));
}

}  // namespace

TEST_SUITE("rebuild") {
TEST_CASE("every read model is the same loaded in bulk as projected row by row") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(31, 30, 3'000));
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    const auto done = projections::rebuild(rebuilding(world), {});
    REQUIRE(done.size() == world.models.size());
    for (const auto& one : done) {
        CHECK(one.live);
        CHECK(one.version.number == 2);
        CHECK(version(world, one.version.read_model, 1).state == VersionState::kept);
        for (const auto& table : one.version.tables) {
            INFO(table);
            const auto old = version(world, one.version.read_model, 1).schema;
            CHECK(
                world.number(fmt::format(
                    R"(SELECT count(*) FROM ((TABLE {0} EXCEPT TABLE "{1}".{0}) UNION ALL (TABLE "{1}".{0} EXCEPT TABLE {0})) AS d)",
                    table, old)) == 0);
            CHECK(world.number(fmt::format("SELECT count(*) FROM {}", table)) > 0);
            CHECK(
                world.number(fmt::format(
                    R"(SELECT (SELECT count(*) FROM pg_index WHERE indrelid = '{0}'::regclass) - (SELECT count(*) FROM pg_index WHERE indrelid = '"{1}".{0}'::regclass))",
                    table, old)) == 0);
        }
    }
}

TEST_CASE("flushed at any time, with no room in memory, stopped and gone on with: the same rows") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(32, 20, 2'500));
    world.log.settle();
    CHECK(test::rebuild_in_pieces(rebuilding(world)) > 1);
    for (const auto& model : world.models) {
        CHECK(version(world, model.name, 2).state == VersionState::live);  // one, not one a start
        check_same_as_log(world, world.schema.session().schema, model);
    }
}

TEST_CASE("while events come and readers read: nobody notices, nothing goes back") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(33, 20, 1'000));
    auto running = std::make_unique<RunningProjectors>(world.settings());
    std::atomic<bool> over = false;
    std::atomic<std::int64_t> written = 0;
    std::atomic<int> reads = 0;
    std::string failure;
    std::chrono::steady_clock::duration longest{};
    std::jthread writer{[&] {
        for (int number = 1; !over; ++number) {
            world.log.write({award(mika, number, noon)});
            written = number;
            std::this_thread::sleep_for(3ms);
        }
    }};
    std::jthread reader{[&] {
        try {
            auto connection = world.connect();
            const postgres::Statement statement{"read",
                                                "SELECT coalesce(max(total_xp), 0) FROM progress WHERE user_id = $1"};
            std::int64_t seen = 0;
            while (!over) {
                const auto begun = std::chrono::steady_clock::now();
                const auto total = connection.run(statement, postgres::parameters(mika))[0].get<std::int64_t>(0);
                longest = std::max(longest, std::chrono::steady_clock::now() - begun);
                if (total < seen) failure = fmt::format("{} after {}", total, seen);
                seen = total;
                ++reads;
            }
        } catch (const std::exception& error) {
            failure = error.what();
        }
    }};
    for (int times = 0; times < 3; ++times) {
        const auto before = written.load();
        projections::rebuild(rebuilding(world, {"progress", "xp_history"}), {});
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        while (total_of_mika(world) <= before + 1) {  // the projector has found the new version
            REQUIRE(std::chrono::steady_clock::now() < give_up);
            std::this_thread::sleep_for(5ms);
        }
    }
    over = true;
    writer.join();
    reader.join();
    MESSAGE(reads.load(), " reads, the longest took ms: ", std::chrono::duration<double, std::milli>(longest).count());
    CHECK(failure == "");
    CHECK(reads > 100);
    world.wait_until_read();
    CHECK_FALSE(running->has_ended());
    CHECK(total_of_mika(world) == written);
    CHECK(version(world, "progress", 4).state == VersionState::live);
    world.check_verified(0);
}

TEST_CASE("whoever reads in a long transaction is waited for, and keeps nobody else waiting") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write({award(mika, 1, noon)});
    world.log.settle();
    auto reading = world.connect();
    std::optional<postgres::Transaction> transaction{std::in_place, reading};
    transaction->execute("LOCK TABLE progress IN ACCESS SHARE MODE");
    std::atomic<bool> done = false;
    std::jthread rebuilding_it{[&] {
        projections::rebuild(rebuilding(world, {"progress"}), {});
        done = true;
    }};
    const auto until = std::chrono::steady_clock::now() + 4s;
    std::chrono::steady_clock::duration longest{};
    while (std::chrono::steady_clock::now() < until) {
        const auto begun = std::chrono::steady_clock::now();
        CHECK(world.number("SELECT count(*) FROM progress") == 0);
        longest = std::max(longest, std::chrono::steady_clock::now() - begun);
    }
    CHECK_FALSE(done);
    CHECK(longest < 2s);  // each attempt lets the others wait for 150 ms
    transaction.reset();
    rebuilding_it.join();
    CHECK(total_of_mika(world) == 1);
}

TEST_CASE("no version takes the place of tables that are being verified") {
    // The fold that is compared is made once the tables are held: that is when this looks whether they are.
    static projections::ReadModel::MakeTable make_really;
    static postgres::Connection* other;
    static int refused;
    ProjectedWorld world;
    auto model = world.model("progress");
    auto connection = world.connect();
    make_really = model.tables.front();
    other = &connection;
    refused = 0;
    model.tables.front() = [](projections::Keep keep) {
        if (keep == projections::Keep::all) {
            CHECK_THROWS_AS(other->execute("BEGIN; LOCK TABLE progress IN ACCESS EXCLUSIVE MODE NOWAIT"),
                            postgres::Conflict);
            other->execute("ROLLBACK");
            ++refused;
        }
        return make_really(keep);
    };
    projections::verify({test::kafka_server(), world.schema.session(), {model}});
    CHECK(refused == 1);
    connection.execute("BEGIN; LOCK TABLE progress IN ACCESS EXCLUSIVE MODE NOWAIT; ROLLBACK");
}

TEST_CASE("going back: the version before catches up and is live again") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(34, 10, 400));
    const RunningProjectors running{world.settings()};
    world.wait_until_read();
    auto settings = rebuilding(world, {"leaderboard"});
    projections::rebuild(settings, {});
    world.log.write({award(mika, 1, noon)});
    world.wait_until_read();
    CHECK(projections::switch_version(settings, version(world, "leaderboard", 1), true, {}));
    CHECK(version(world, "leaderboard", 1).state == VersionState::live);
    CHECK(version(world, "leaderboard", 2).state == VersionState::kept);
    CHECK(world.number(fmt::format("SELECT count(*) FROM leaderboard WHERE user_id = '{}'", to_string(mika))) == 4);
    world.log.write({award(mika, 2, noon)});
    world.wait_until_read();
    world.check_verified();
    CHECK(projections::switch_version(settings, version(world, "leaderboard", 2), false, {}));  // at once, behind
    world.wait_until_read();
    world.check_verified();
    projections::drop_version(world.schema.session(), version(world, "leaderboard", 1));
    auto connection = world.connect();
    CHECK_THROWS_AS(projections::drop_version(world.schema.session(), version(world, "leaderboard", 2)),
                    projections::VersionRefused);
    for (const auto& one : projections::versions_of(connection))
        CHECK((one.read_model != "leaderboard" || one.number == 2));
}

TEST_CASE("with keys parked it is not switched to unless that is forced, and the live one stays") {
    ProjectedWorld world;
    const Beside beside{world};
    auto broken = award(mika, 2, noon);
    broken.data = "{}";
    world.log.write({award(mika, 1, noon)});
    world.log.write({broken});
    world.log.write({award(test::named<UserId>("ayo"), 7, noon)});
    auto settings = rebuilding(world, {"progress"});
    CHECK_THROWS_WITH_AS(projections::rebuild(settings, {}), doctest::Contains("indigestible_event"),
                         projections::KeysParked);
    CHECK(version(world, "progress", 1).state == VersionState::live);
    CHECK(version(world, "progress", 2).state == VersionState::building);
    settings.force = true;
    CHECK(projections::rebuild(settings, {}).front().version.number == 2);
    CHECK(total_of_mika(world) == 1);
    CHECK(world.number("SELECT sum(total_xp)::bigint FROM progress") == 8);
    CHECK(world.number("SELECT count(*) FROM parked") == 1);  // it came with the tables
    const RunningProjectors running{world.settings()};
    world.log.write({award(mika, 3, noon)});
    world.wait_until_read({"progress"});
    CHECK(world.number("SELECT count(*) FROM parked WHERE read_model = 'progress'") == 2);
    CHECK(total_of_mika(world) == 1);
}

TEST_CASE("rows that are not what the log says are found before the switch") {
    ProjectedWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(35, 10, 400));
    auto settings = rebuilding(world, {"progress"});
    settings.on_step = [&](const std::string& step) {
        if (step != "verifying progress") return;
        world.connect().execute(fmt::format(
            R"(UPDATE "{}".progress SET level = level + 1 WHERE user_id = (SELECT min(user_id::text)::uuid FROM "{}".progress))",
            version(world, "progress", 2).schema, version(world, "progress", 2).schema));
    };
    CHECK_THROWS_WITH_AS(projections::rebuild(settings, {}), doctest::Contains("1 rows of the new progress"),
                         projections::NotVerified);
    CHECK(version(world, "progress", 1).state == VersionState::live);
    settings.on_step = [](const std::string&) {};
    settings.anew = true;
    CHECK(projections::rebuild(settings, {}).size() == 1);
}

TEST_CASE("two rebuilds of a read model at once: the second is refused") {
    ProjectedWorld world;
    const Beside beside{world};
    const projections::VersionLock lock{world.schema.session(), "progress"};
    CHECK_THROWS_AS(projections::rebuild(rebuilding(world, {"progress"}), {}), projections::VersionRefused);
    auto connection = world.connect();
    CHECK(projections::is_locked(connection, world.schema.session().schema, "progress"));
    CHECK_FALSE(projections::is_locked(connection, world.schema.session().schema, "xp_history"));
}

TEST_CASE("as of a position: exactly what was there, in a schema of its own") {
    ProjectedWorld world;
    world.log.write(test::random_story(36, 10, 400));
    world.log.settle();
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    auto settings = rebuilding(world, {"xp_history"});
    settings.as_of = world.log.ends();
    const auto rows = world.number("SELECT count(*) FROM xp_history");
    for (int number = 1; number < 30; ++number) world.log.write({award(mika, number, noon)});
    const auto schema = world.schema.session().schema + "_then";
    REQUIRE(projections::make_as_of(settings, schema, {}));
    CHECK(world.number(fmt::format(R"(SELECT count(*) FROM "{}".xp_history)", schema)) == rows);
    check_same_as_log(world, schema, settings.read_models.front());
    CHECK_THROWS_AS(projections::make_as_of(settings, schema, {}), projections::VersionRefused);
    world.connect().execute(fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA "{}" CASCADE)", schema));
}
}
