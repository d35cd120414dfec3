// tests/integration/projections/stored_state_test.cpp: what is found at a start: tables, positions, and the log they
// are of.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "projections/engine/migrate.hpp"
#include "projections/engine/status.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using test::ProjectedWorld;
using test::RunningProjectors;

namespace {

/// Tables and positions as they were, for a while.
class Backup {
public:
    explicit Backup(const ProjectedWorld& world) : world_(world) {
        for (const auto& table : tables())
            world.connect().execute(fmt::format("CREATE TABLE backup_{0} AS TABLE {0}", table));
    }
    void restore() const {
        for (const auto& table : tables()) {
            world_.connect().execute(
                fmt::format("BEGIN; DELETE FROM {0}; INSERT INTO {0} SELECT * FROM backup_{0}; COMMIT", table));
        }
    }

private:
    [[nodiscard]] std::vector<std::string> tables() const {
        std::vector<std::string> names{"checkpoint"};
        for (const auto& model : world_.models) {
            for (const auto& table : model.make_tables(projections::Keep::some)) names.push_back(table->shape().name);
        }
        return names;
    }
    const ProjectedWorld& world_;
};

/// What a start ends with.
std::string refusal(const ProjectedWorld& world) { return RunningProjectors{world.settings()}.wait_for_end(); }

/// Projected from a story, and stopped.
void project(ProjectedWorld& world, unsigned seed) {
    world.log.write(test::random_story(seed, 8, 200));
    const RunningProjectors running{world.settings()};
    world.wait_until_read();
}

}  // namespace

TEST_SUITE("the log that a read model is of") {
TEST_CASE("another log under its name is refused, and nothing is changed") {
    ProjectedWorld world;
    project(world, 21);
    const ProjectedWorld other;
    world.connect().execute(fmt::format("UPDATE checkpoint SET context = '{}'", other.log.context()));
    auto settings = world.settings();
    for (auto& model : settings.read_models) model.contexts = {other.log.context()};
    const auto why = RunningProjectors{settings}.wait_for_end();
    CHECK_MESSAGE((why.find("another log") != std::string::npos || why.find("was cut") != std::string::npos), why);
    CHECK(world.number("SELECT count(*) FROM xp_history") > 0);
}

TEST_CASE("as long a log with other events is refused") {
    ProjectedWorld world;
    project(world, 22);
    ProjectedWorld other;
    other.log.write(test::random_story(23, 8, 400));
    world.connect().execute(fmt::format("UPDATE checkpoint SET context = '{}'", other.log.context()));
    auto settings = world.settings();
    for (auto& model : settings.read_models) model.contexts = {other.log.context()};
    CHECK(RunningProjectors{settings}.wait_for_end().find("the first record of") != std::string::npos);
}

TEST_CASE("another event where the last one lay is refused") {
    ProjectedWorld world;
    project(world, 24);
    world.connect().execute("UPDATE checkpoint SET last_event_id = gen_random_uuid() WHERE read_model = 'progress'");
    CHECK(refusal(world).find("lies another event") != std::string::npos);
}

TEST_CASE("a log that ends before the position is refused") {
    ProjectedWorld world;
    project(world, 25);
    world.connect().execute("UPDATE checkpoint SET next_offset = next_offset + 1000 WHERE read_model = 'accounts'");
    CHECK(refusal(world).find("was cut") != std::string::npos);
}

TEST_CASE("a database restored from an older backup catches up") {
    ProjectedWorld world;
    project(world, 26);
    const Backup backup{world};
    project(world, 27);
    backup.restore();
    const RunningProjectors running{world.settings()};
    world.wait_until_read();
    world.check_verified();
}

TEST_CASE("a database restored under projectors at rest: they notice and go on from there") {
    ProjectedWorld world;
    project(world, 28);
    const Backup backup{world};
    world.log.write(test::random_story(29, 8, 200));
    const RunningProjectors running{world.settings()};
    world.wait_until_read();
    backup.restore();
    world.wait_until_read();
    CHECK_FALSE(running.has_ended());
    world.check_verified();
}
}

TEST_SUITE("migrating") {
TEST_CASE("twice is once, and two at once don't collide") {
    const test::OwnSchema schema;
    const auto models = ProjectedWorld{1}.models;
    std::vector<std::jthread> both;
    std::atomic<int> made = 0;
    for (int number = 0; number < 2; ++number) {
        both.emplace_back([&] { made += projections::migrate(schema.session(), models).made.empty() ? 0 : 1; });
    }
    both.clear();
    CHECK(made == 1);
    CHECK(projections::migrate(schema.session(), models).made.empty());
    postgres::Connection connection{schema.session()};
    CHECK_NOTHROW(projections::check_migrated(connection, models));
}

TEST_CASE("another shape is refused; recreated, the read model is projected anew") {
    ProjectedWorld world;
    project(world, 31);
    auto settings = world.settings();
    auto& progress = *std::ranges::find(settings.read_models, "progress", &projections::ReadModel::name);
    progress.shape = 2;
    auto connection = world.connect();
    CHECK_THROWS_AS(projections::check_migrated(connection, settings.read_models), projections::ShapeDiffers);
    const auto left = projections::migrate(settings.session, settings.read_models);
    CHECK(left.made.empty());
    CHECK(left.outdated == std::vector<std::string>{"progress"});
    CHECK(projections::outdated_among(connection, settings.read_models) == left.outdated);
    CHECK(projections::migrate(settings.session, settings.read_models, {"progress"}).made.size() == 1);
    CHECK(projections::outdated_among(connection, settings.read_models).empty());
    CHECK(world.number("SELECT count(*) FROM progress") == 0);
    CHECK(world.number("SELECT count(*) FROM xp_history") > 0);
    const RunningProjectors running{settings};
    world.wait_until_read();
    world.check_verified();
}

TEST_CASE("a stop is heard even while the database can't be reached") {
    ProjectedWorld world;
    auto settings = world.settings();
    settings.session.server = "postgresql://nobody@127.0.0.1:1/none";
    RunningProjectors running{settings};
    std::this_thread::sleep_for(300ms);
    running.stop();
    CHECK(running.wait_for_end().empty());
}

TEST_CASE("without it, the projectors say so") {
    ProjectedWorld world;
    world.connect().execute("DROP TABLE progress");
    world.log.write(test::random_story(32, 3, 40));
    CHECK(refusal(world).find("progress") != std::string::npos);
}
}

TEST_SUITE("status and verify") {
TEST_CASE("status tells how far behind each read model is, and in time") {
    ProjectedWorld world;
    auto connection = world.connect();
    projections::LogProbe probe{test::kafka_server()};
    const auto now = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); };
    CHECK(projections::status_of(connection, probe, world.models, now()).front().state() == "never projected");
    project(world, 33);
    for (const auto& status : projections::status_of(connection, probe, world.models, now())) {
        CHECK(status.state() == "live");
        CHECK(status.lag_events == 0);
        CHECK(status.position.offsets().size() == 3);
    }
    std::int64_t written = 0;
    for (const auto& told : test::random_story(34, 3, 30)) {
        world.log.write(told);
        written += static_cast<std::int64_t>(told.size());
    }
    world.log.settle();
    const auto later = projections::status_of(connection, probe, world.models, now() + 60s);
    CHECK(later.front().lag_events == written);
    CHECK(later.front().lag_seconds > 50);
    CHECK(later.front().lag_seconds < 600);
    CHECK(later.front().state() == "behind");
}

TEST_CASE("verify finds a changed, a missing and a surplus row, and says where") {
    ProjectedWorld world;
    project(world, 35);
    world.check_verified();
    auto connection = world.connect();
    connection.execute(
        "UPDATE progress SET total_xp = total_xp + 1 WHERE user_id = (SELECT min(user_id::text)::uuid FROM progress)");
    connection.execute("DELETE FROM xp_history WHERE award_id = (SELECT min(award_id::text)::uuid FROM xp_history)");
    connection.execute("INSERT INTO leaderboard_names VALUES (gen_random_uuid(), 'Nobody')");
    connection.execute(
        "UPDATE challenge_sessions SET session_data = '{}' WHERE session_id = (SELECT min(session_id::text)::uuid "
        "FROM challenge_sessions WHERE session_data IS NOT NULL)");
    std::map<std::string, projections::Difference> found;
    for (const auto& verdict : projections::verify({test::kafka_server(), world.schema.session(), world.models})) {
        CHECK(verdict.differing_rows == (verdict.differences.empty() ? 0 : 1));
        for (const auto& one : verdict.differences) found[one.table] = one;
    }
    REQUIRE(found.size() == 4);
    CHECK(found["progress"].column == "total_xp");
    CHECK(std::stoll(found["progress"].live) == std::stoll(found["progress"].folded) + 1);
    CHECK(found["xp_history"].live == "null");
    CHECK(found["leaderboard_names"].folded == "null");
    CHECK(found["challenge_sessions"].column == "session_data");
}
}
