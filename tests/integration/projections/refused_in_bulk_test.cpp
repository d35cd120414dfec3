// tests/integration/projections/refused_in_bulk_test.cpp: a value that a table refuses parks its aggregate in a rebuild
// as it does live: the same rows, the same list of what waits, however the log is loaded.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "projections/engine/migrate.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/rebuild.hpp"
#include "tests/support/awards.hpp"
#include "tests/support/projected.hpp"
#include "tests/support/rebuilding.hpp"
#include "tests/support/strict_tables.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::VersionState;
using test::award;
using test::Beside;
using test::Happened;
using test::mika;
using test::noon;
using test::ProjectedWorld;
using test::RunningProjectors;
using test::Told;

namespace {

/// All read models, with tables that refuse more.
struct StrictWorld : ProjectedWorld {
    explicit StrictWorld(int partitions = 3) : ProjectedWorld(partitions) {
        test::make_strict(models);
        std::vector<std::string> names;
        for (const auto& model : models) names.push_back(model.name);
        projections::migrate(schema.session(), models, names);
    }
};

/// What makes an event one that programs read and a table refuses.
struct Spoiling {
    std::string_view type, from, to;
    int which;  ///< of the events of the type
};

constexpr Spoiling spoilings[]{
    {"identity.user_registered", R"("displayName":")", R"("displayName":"refused )", 3},
    {"identity.user_registered", R"("displayName":")", R"("displayName":"refused )", 9},
    {"challenges.challenge_created", R"("title":")", R"("title":"refused )", 4},
    {"challenges.session_started", R"("challengeType":"pomodoro")", R"("challengeType":"custom")", 7},
    {"challenges.session_started", R"("challengeType":"pomodoro")", R"("challengeType":"custom")", 200},
    {"gamification.xp_awarded", R"("reason":")", R"("reason":"refused )", 2},
    {"gamification.xp_awarded", R"("reason":")", R"("reason":"refused )", 90},
    {"gamification.xp_awarded", R"("amount":)", R"("amount":1000000)", 70},
};

void spoil(std::vector<Told>& story, const Spoiling& spoiling) {
    int seen = 0;
    for (auto& told : story) {
        for (auto& event : told) {
            if (!event.type.starts_with(spoiling.type)) continue;
            const auto at = event.data.find(spoiling.from);
            if (at == std::string::npos || ++seen != spoiling.which) continue;
            event.data.replace(at, spoiling.from.size(), spoiling.to);
            return;
        }
    }
    FAIL("too few of ", spoiling.type);
}

/// The column `total_xp` doesn't take it; nothing that comes makes it good again.
Happened debt(const UserId& user) {
    auto event = award(user, 1, noon);
    event.data.replace(event.data.find("\"totalXp\":1"), 11, "\"totalXp\":-1");
    return event;
}

/// In every read model something is refused, among much that isn't, with more of the same aggregates behind it.
std::vector<Told> partly_refused_story(unsigned seed) {
    auto story = test::random_story(seed, 20, 2'500);
    for (const auto& one : spoilings) spoil(story, one);
    for (const auto at : {500, 1'500}) {
        const UserId user{random_uuid_v7()};
        story.insert(story.begin() + at, Told{award(user, 1, noon)});
        story.insert(story.begin() + at + 100, Told{debt(user)});
        story.push_back(Told{test::on(user, noon, gamification::LevelReached{.level = Level{3}})});
    }
    return story;
}

projections::RebuildSettings forced(const ProjectedWorld& world, const std::vector<std::string>& names = {}) {
    auto settings = test::rebuilding(world, names);
    settings.force = true;
    return settings;
}

/// A line each, as operators are shown it.
std::vector<std::string> parked(const ProjectedWorld& world, const std::string& schema, const std::string& read_model) {
    postgres::Connection connection{projections::beside(world.schema.session(), schema)};
    postgres::Transaction transaction{connection};
    std::vector<std::string> lines;
    for (const auto& one : projections::parked_in(transaction, read_model)) {
        const auto& [partition, first, last, aggregate, reason] = one.decision;
        lines.push_back(fmt::format("{}/{} {}-{} {} {}", partition.context, partition.number, first.value, last.value,
                                    to_string(aggregate), reason));
    }
    return lines;
}

/// Each read model's version 1, projected live, against the one that is live now.
void check_like_projected(const ProjectedWorld& world, const projections::ReadModel& model) {
    const auto live = world.schema.session().schema;
    const auto old = fmt::format("{}_{}_v1", live, model.name);
    INFO(model.name);
    const auto expected = parked(world, old, model.name);
    CHECK(std::ranges::any_of(expected, [](const auto& line) { return line.find("value_refused") != line.npos; }));
    const auto waits = [](const auto& line) { return line.ends_with(' '); };
    if (model.name != "challenge_catalogue") CHECK(std::ranges::any_of(expected, waits));  // else nothing follows
    CHECK(parked(world, live, model.name) == expected);
    for (const auto& table : model.make_tables(projections::Keep::some)) {
        INFO(table->shape().name);
        CHECK(
            world.number(fmt::format(
                R"(SELECT count(*) FROM ((TABLE {0} EXCEPT TABLE "{1}".{0}) UNION ALL (TABLE "{1}".{0} EXCEPT TABLE {0})) AS d)",
                table->shape().name, old)) == 0);
        CHECK(world.number(fmt::format("SELECT count(*) FROM {}", table->shape().name)) > 0);
    }
}

}  // namespace

TEST_SUITE("values refused in bulk") {
TEST_CASE("every read model has the same rows and the same parked decisions in bulk as projected row by row") {
    StrictWorld world;
    const Beside beside{world};
    world.log.write(partly_refused_story(41));
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    auto settings = forced(world);
    settings.load.jobs = 2;
    REQUIRE(projections::rebuild(settings, {}).size() == world.models.size());
    for (const auto& model : world.models) check_like_projected(world, model);
    world.check_verified(1);
}

TEST_CASE("flushed at any time, with no room in memory, stopped and gone on with: the same") {
    StrictWorld world;
    const Beside beside{world};
    world.log.write(partly_refused_story(42));
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    CHECK(test::rebuild_in_pieces(forced(world)) > 1);
    for (const auto& model : world.models) check_like_projected(world, model);
}

TEST_CASE("refused from the decision on that is, and not switched to unless that is forced") {
    StrictWorld world;
    const Beside beside{world};
    world.log.write({award(test::named<UserId>("ayo"), 7, noon)});
    world.log.write({award(mika, 1, noon)});
    const auto first = world.log.write({debt(mika)});
    world.log.write({award(mika, 2, noon)});
    world.log.write({debt(mika)});
    auto settings = forced(world, {"progress"});
    settings.force = false;
    CHECK_THROWS_WITH_AS(projections::rebuild(settings, {}), doctest::Contains("value_refused: "),
                         projections::KeysParked);
    CHECK(world.number("SELECT count(*) FROM progress") == 0);
    settings.force = true;
    REQUIRE(projections::rebuild(settings, {}).size() == 1);
    CHECK(world.number("SELECT sum(total_xp)::bigint FROM progress") == 7 + 1);
    CHECK(world.number("SELECT count(*) FROM parked") == 3);
    CHECK(world.number("SELECT min(first_offset) FROM parked WHERE reason LIKE 'value_refused%'") == first.value);
    world.check_verified(0);
}

TEST_CASE("refused while it catches up with a keyed and indexed table: parked, too") {
    StrictWorld world;
    const Beside beside{world};
    world.log.write(test::random_story(44, 10, 400));
    world.log.settle();
    auto settings = forced(world, {"xp_history", "progress"});
    settings.on_step = [&](const std::string& step) {
        if (step != "indexing progress") return;
        world.log.write({award(mika, 1, noon)});
        world.log.write({debt(mika)});
    };
    REQUIRE(projections::rebuild(settings, {}).size() == 2);
    const auto live = world.schema.session().schema;
    CHECK(parked(world, live, "progress").size() == 1);
    CHECK(parked(world, live, "xp_history").empty());
    CHECK(world.number(fmt::format("SELECT total_xp FROM progress WHERE user_id = '{}'", to_string(mika))) == 1);
    world.check_verified(0);
}

TEST_CASE("two events with the key of one row: the second is parked, though that shows only once the key is made") {
    StrictWorld world{1};
    const Beside beside{world};
    const auto ayo = test::named<UserId>("ayo");
    world.log.write(test::random_story(45, 10, 400));
    world.log.write({award(mika, 1, noon, "the same")});
    world.log.write({award(ayo, 2, noon, "the same")});
    world.log.write({award(ayo, 3, noon)});
    {
        const RunningProjectors running{world.settings()};
        world.wait_until_read();
    }
    const auto settings = forced(world, {"progress", "xp_history"});
    REQUIRE(projections::rebuild(settings, {}).size() == 2);
    check_like_projected(world, world.model("xp_history"));
    CHECK(parked(world, world.schema.session().schema, "xp_history").size() == 2);
    CHECK(parked(world, world.schema.session().schema, "progress").empty());
    world.check_verified(0);

    auto then = settings;
    then.as_of = world.log.ends();
    const auto schema = world.schema.session().schema + "_then";
    REQUIRE(projections::make_as_of(then, schema, {}));
    CHECK(parked(world, schema, "xp_history").size() == 2);
    world.connect().execute(fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA "{}" CASCADE)", schema));
}

TEST_CASE("as of a position, nothing behind it gets in") {
    StrictWorld world{1};
    world.log.write(partly_refused_story(43));
    world.log.settle();
    auto settings = forced(world, {"xp_history", "progress"});
    settings.as_of = world.log.ends();
    for (int number = 1; number < 30; ++number) world.log.write({award(mika, number, noon)});
    const auto schema = world.schema.session().schema + "_then";
    REQUIRE(projections::make_as_of(settings, schema, {}));
    CHECK(world.number(fmt::format(R"(SELECT count(*) FROM "{}".xp_history WHERE user_id = '{}')", schema,
                                   to_string(mika))) == 0);
    for (const auto& model : settings.read_models) {
        CHECK_FALSE(parked(world, schema, model.name).empty());
        const auto session = projections::beside(world.schema.session(), schema);
        CHECK(projections::verify({test::kafka_server(), session, {model}}).front().holds());
    }
    world.connect().execute(fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA "{}" CASCADE)", schema));
}
}
