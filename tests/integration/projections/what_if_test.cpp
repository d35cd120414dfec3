// tests/integration/projections/what_if_test.cpp: read models by other rules in a schema of their own, from a real log:
// by the rules that were in force they are what they were, row for row.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "commands/gamification/context.hpp"
#include "projections/engine/parked.hpp"
#include "projections/engine/rebuild.hpp"
#include "projections/what_if/comparison.hpp"
#include "tests/support/decided_story.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using test::ProjectedWorld;

namespace {

const gamification::RuleBook& real_rules() {
    static const auto rules = *commands::read_rule_book({});
    return rules;
}

gamification::RuleBook with_twice_the_base() {
    auto rules = real_rules();
    for (auto& version : rules.versions) {
        for (auto* xp : {&version.base_xp.pomodoro, &version.base_xp.distraction_drill, &version.base_xp.real_life_task,
                         &version.base_xp.custom})
            xp->value *= 2;
    }
    return rules;
}

/// A log of learners who were really paid, and schemas made from it.
struct Academy {
    explicit Academy(unsigned seed) : story(test::decided_story(seed, 15, 1'200, real_rules())) {}
    ~Academy() {
        for (const auto& schema : made)
            world.connect().execute(
                fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA IF EXISTS "{}" CASCADE)", schema));
    }
    Academy(const Academy&) = delete;
    Academy& operator=(const Academy&) = delete;

    [[nodiscard]] projections::RebuildSettings settings(const projections::Ends& ends) const {
        projections::RebuildSettings settings{.bootstrap = test::kafka_server(),
                                              .session = world.schema.session(),
                                              .read_models = {},
                                              .load = {},
                                              .as_of = ends,
                                              .on_progress = {}};
        for (const auto* name : {"leaderboard", "progress", "xp_history"})
            settings.read_models.push_back(world.model(name));
        return settings;
    }

    std::string as_of(const projections::Ends& ends) {
        const auto& schema = made.emplace_back(world.schema.session().schema + "_was");
        REQUIRE(projections::make_as_of(settings(ends), schema, {}));
        return schema;
    }

    std::string what_if(const gamification::RuleBook& rules, const projections::Ends& ends,
                        const what_if::Since& since = {}, std::size_t memory = 1UL << 30) {
        auto making = settings(ends);
        making.load.jobs = 2;
        making.load.most_bytes = memory;
        making.load.make_retell = [&] {
            auto* part = parts.emplace_back(std::make_unique<what_if::Retelling>(rules, since)).get();
            return [part](const auto& chunk, const auto& step, auto& told) { part->tell(chunk, step, told); };
        };
        const auto& schema = made.emplace_back(world.schema.session().schema + "_would_be");
        REQUIRE(projections::make_as_of(making, schema, {}));
        return schema;
    }

    [[nodiscard]] what_if::Comparison compared() const { return what_if::compare(parts, 5); }

    void check_same_rows(const std::string& one, const std::string& other) const {
        for (const auto* table : {"leaderboard", "leaderboard_names", "progress", "xp_history", "checkpoint"}) {
            INFO(table);
            const std::string_view columns = std::string_view{table} == "checkpoint"
                                                 ? "read_model, context, part, next_offset, term, sequence, "
                                                   "last_event_id, last_event_offset, last_event_time"
                                                 : "*";
            const auto rows = [&](const std::string& schema) {
                return fmt::format(R"(SELECT {} FROM "{}".{})", columns, schema, table);
            };
            CHECK(
                world.number(fmt::format("SELECT count(*) FROM (({0} EXCEPT ALL {1}) UNION ALL ({1} EXCEPT ALL {0})) d",
                                         rows(one), rows(other))) == 0);
            CHECK(world.number(fmt::format("SELECT count(*) FROM ({}) r", rows(one))) > 0);
        }
    }
    [[nodiscard]] std::int64_t total(const std::string& schema) const {
        return world.number(fmt::format(R"(SELECT sum(total_xp)::bigint FROM "{}".progress)", schema));
    }

    ProjectedWorld world;
    std::vector<test::Told> story;
    std::vector<std::string> made;
    std::vector<std::unique_ptr<what_if::Retelling>> parts;
};

}  // namespace

TEST_SUITE("what-if") {
TEST_CASE("by the rules that were in force: the same rows as in truth, at a place in the middle of the log") {
    Academy academy{61};
    auto& [world, story, made, parts] = academy;
    const auto half = static_cast<std::ptrdiff_t>(story.size() / 2);
    world.log.write(std::vector<test::Told>(story.begin(), story.begin() + half));
    const auto ends = world.log.ends();
    world.log.write_void(story[static_cast<std::size_t>(half)]);
    world.log.fence(1);
    world.log.write(std::vector<test::Told>(story.begin() + half, story.end()));
    for (const auto& [end, memory] : {std::pair{ends, 1UL << 30}, std::pair{world.log.ends(), 1UL}}) {
        const auto was = academy.as_of(end);
        const auto would_be = academy.what_if(real_rules(), end, {}, memory);
        academy.check_same_rows(was, would_be);
        const auto compared = academy.compared();
        CHECK(compared.nothing_changes());
        CHECK(compared.before.xp == academy.total(was));
        CHECK(compared.learners == world.number(fmt::format(R"(SELECT count(*) FROM "{}".progress)", was)));
        parts.clear();
        for (const auto& schema : {was, would_be})
            world.connect().execute(fmt::format(R"(DROP SCHEMA "{}" CASCADE)", schema));
    }
}

TEST_CASE("by other rules: tables and comparison tell the same, and what happened is told as it was") {
    Academy academy{62};
    academy.world.log.write(academy.story);
    const auto ends = academy.world.log.ends();
    const auto was = academy.as_of(ends);
    const auto would_be = academy.what_if(with_twice_the_base(), ends);
    const auto compared = academy.compared();
    CHECK(compared.before.xp == academy.total(was));
    CHECK(compared.after.xp == academy.total(would_be));
    CHECK(compared.after.xp > compared.before.xp);
    CHECK(compared.more_xp == compared.learners);
    CHECK(compared.after.awards ==
          academy.world.number(fmt::format(R"(SELECT count(*) FROM "{}".xp_history)", would_be)));
    for (const auto& [level, learners] : compared.after.levels) {
        CHECK(academy.world.number(
                  fmt::format(R"(SELECT count(*) FROM "{}".progress WHERE level = {})", would_be, level)) == learners);
    }
    // What a session pays for itself is doubled but for rounding; all else is paid as it was.
    const auto paid = [&](const std::string& schema, std::string_view which) {
        return academy.world.number(
            fmt::format(R"(SELECT sum(amount)::bigint FROM "{}".xp_history WHERE rule {})", schema, which));
    };
    const auto sessions = academy.world.number(
        fmt::format(R"(SELECT count(*) FROM "{}".xp_history WHERE rule = 'session_completed')", was));
    CHECK(std::abs(paid(would_be, "= 'session_completed'") - 2 * paid(was, "= 'session_completed'")) <= sessions);
    CHECK(paid(would_be, "LIKE 'streak_milestone%'") == paid(was, "LIKE 'streak_milestone%'"));
    for (const auto& mover : compared.risers) {
        const auto listed = [&](const std::string& schema) {
            return academy.world.number(fmt::format(
                R"(SELECT 1 + count(*) FROM "{0}".leaderboard WHERE timeframe = 'all' AND xp > (SELECT xp FROM "{0}".leaderboard WHERE timeframe = 'all' AND user_id = '{1}'))",
                schema, to_string(mover.user)));
        };
        CHECK(mover.before.rank == listed(was));
        CHECK(mover.after.rank == listed(would_be));
    }
}

TEST_CASE("since the middle: awards before it are as they were") {
    Academy academy{63};
    academy.world.log.write(academy.story);
    const auto ends = academy.world.log.ends();
    const auto since = academy.story[academy.story.size() / 2].front().time;
    const auto was = academy.as_of(ends);
    const auto would_be = academy.what_if(with_twice_the_base(), ends, {.time = since});
    const auto differing = [&](std::string_view when) {
        const auto rows = [&](const std::string& schema) {
            return fmt::format(R"(SELECT * FROM "{}".xp_history WHERE recorded_at {} '{}')", schema, when,
                               to_string(since));
        };
        return academy.world.number(fmt::format("SELECT count(*) FROM ({} EXCEPT {}) d", rows(was), rows(would_be)));
    };
    CHECK(differing("<") == 0);
    CHECK(differing(">=") > 0);
    CHECK(academy.compared().after.xp == academy.total(would_be));
}

TEST_CASE("whose activity can't be decided again is parked there, and everybody else goes on") {
    Academy academy{64};
    auto& story = academy.story;
    const auto broken = std::ranges::find_if(story, [](const test::Told& told) {
        return told.front().type == gamification::ActivityRecorded::type &&
               told.front().time > test::at("2026-02-01T00:00:00Z");
    });
    REQUIRE(broken != story.end());
    auto& data = broken->front().data;
    const auto zone = data.find("\"timezone\":\"") + 12;
    data.replace(zone, data.find('"', zone) - zone, "Mars/Olympus");
    academy.world.log.write(story);
    const auto would_be = academy.what_if(real_rules(), academy.world.log.ends());
    const auto compared = academy.compared();
    REQUIRE(compared.left_out.size() == 1);
    CHECK(compared.left_out.front().learner.value == broken->front().aggregate);
    CHECK(compared.learners == 14);
    CHECK(compared.before.xp == compared.after.xp);
    postgres::Connection connection{projections::beside(academy.world.schema.session(), would_be)};
    for (const auto* model : {"progress", "xp_history", "leaderboard"}) {
        const auto keys = projections::parked_keys(connection, model);
        REQUIRE(keys.size() == 1);
        CHECK(keys.front().aggregate == broken->front().aggregate);
    }
    CHECK(
        academy.world.number(fmt::format(
            R"(SELECT count(*) FROM "{}".parked WHERE read_model = 'progress' AND reason LIKE 'refused: unknown_timezone%')",
            would_be)) == 1);
}
}
