// tests/integration/projections/analysts_test.cpp: what the role of analysts may read and may not, wherever tables go.
#include "projections/engine/analysts.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "infra/postgres/error.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/engine/rebuild.hpp"
#include "tests/support/projected.hpp"
#include "tests/support/random_story.hpp"

using namespace kiroku;
using test::ProjectedWorld;

namespace {

/// The same server as its first superuser, whom `kiroku up` gives the same password.
postgres::Connection as_superuser() {
    postgres::Session session;
    session.server = test::postgres_server();
    const auto user = session.server.find("//kiroku@");
    REQUIRE_MESSAGE(user != std::string::npos, "the database is not one that `kiroku up` made");
    session.server.replace(user, 9, "//postgres@");
    return postgres::Connection{session};
}

/// As somebody who is in the role.
struct Analyst {
    explicit Analyst(const ProjectedWorld& world) : connection(world.connect()) {
        connection.execute(fmt::format("SET ROLE {}", projections::analyst_role));
    }

    std::int64_t number(const std::string& sql) { return connection.execute(sql)[0].get<std::int64_t>(0); }
    bool may(const std::string& sql) {
        try {
            connection.execute(sql);
            return true;
        } catch (const postgres::DatabaseError& error) {
            INFO(sql, ": ", error.what());
            CHECK(std::string_view{error.what()}.find("permission denied") != std::string_view::npos);
            return false;
        }
    }
    void check_sees_rows_of(const std::string& schema, const std::string& table) {
        INFO(schema, ".", table);
        CHECK(number(fmt::format("SELECT count(*) FROM \"{}\".{}", schema, table)) > 0);
    }

    postgres::Connection connection;
};

void project(ProjectedWorld& world, unsigned seed) {
    world.log.write(test::random_story(seed, 10, 400));
    const test::RunningProjectors running{world.settings()};
    world.wait_until_read();
}

projections::RebuildSettings rebuilding(const ProjectedWorld& world) {
    return {.bootstrap = test::kafka_server(),
            .session = world.schema.session(),
            .read_models = {world.model("progress"), world.model("accounts")},
            .load = {},
            .as_of = {},
            .on_progress = {}};
}

void drop(const ProjectedWorld& world, const std::string& schema) {
    world.connect().execute(
        fmt::format("SET client_min_messages = warning; DROP SCHEMA IF EXISTS \"{}\" CASCADE", schema));
}

}  // namespace

TEST_SUITE("analysts") {
TEST_CASE("they read what is open, nothing that is personal or secret, and change nothing") {
    ProjectedWorld world;
    project(world, 41);
    Analyst analyst{world};
    for (const auto& model : world.models) {
        for (const auto& table : model.make_tables(projections::Keep::some)) {
            const auto& shape = table->shape();
            analyst.check_sees_rows_of(world.schema.session().schema, shape.name);
            for (const auto& column : shape.columns) {
                INFO(shape.name, ".", column.name);
                CHECK(analyst.may(fmt::format("SELECT {} FROM {} LIMIT 1", column.name, shape.name)) ==
                      (column.privacy == projections::Privacy::open));
            }
            CHECK_FALSE(analyst.may(fmt::format("DELETE FROM {}", shape.name)));
            CHECK_FALSE(analyst.may(fmt::format("INSERT INTO {} DEFAULT VALUES", shape.name)));
            CHECK_FALSE(analyst.may(fmt::format("TRUNCATE {}", shape.name)));
        }
    }
    CHECK(analyst.may("SELECT * FROM progress JOIN leaderboard USING (user_id) LIMIT 1"));
    CHECK_FALSE(analyst.may("SELECT email FROM accounts"));
    CHECK_FALSE(analyst.may("SELECT credential FROM accounts"));
    CHECK_FALSE(analyst.may("SELECT * FROM accounts"));
    CHECK_FALSE(analyst.may("SELECT 1 FROM accounts WHERE email LIKE 'a%'"));
    CHECK_FALSE(analyst.may("UPDATE progress SET total_xp = 0"));
    CHECK_FALSE(analyst.may("UPDATE checkpoint SET epoch = 0"));
    CHECK_FALSE(analyst.may("CREATE TABLE mine (x int)"));
}

TEST_CASE("they still do after a rebuild, and in a schema as of then") {
    ProjectedWorld world;
    project(world, 42);
    const auto live = world.schema.session().schema;
    auto settings = rebuilding(world);
    for (const auto& one : projections::rebuild(settings, {})) REQUIRE(one.live);
    settings.as_of = world.log.ends();
    REQUIRE(projections::make_as_of(settings, live + "_then", {}));
    Analyst analyst{world};
    for (const auto& schema : {live, live + "_then"}) {
        analyst.check_sees_rows_of(schema, "progress");
        CHECK(analyst.may(fmt::format("SELECT user_id, timezone FROM \"{}\".accounts", schema)));
        CHECK_FALSE(analyst.may(fmt::format("SELECT email FROM \"{}\".accounts", schema)));
        CHECK_FALSE(analyst.may(fmt::format("UPDATE \"{}\".progress SET total_xp = 0", schema)));
        CHECK(
            analyst.number(fmt::format("SELECT count(*) FROM pg_attribute WHERE attrelid = '\"{}\".progress'::regclass "
                                       "AND attnum > 0 AND col_description(attrelid, attnum) IS NULL",
                                       schema)) == 0);
    }
    drop(world, live + "_then");
    auto connection = world.connect();
    for (const auto& one : projections::versions_of(connection)) drop(world, one.schema);
}

TEST_CASE("what a newer program keeps to itself is taken back, and told anew") {
    ProjectedWorld world;
    const auto grant = fmt::format("GRANT SELECT, UPDATE ON accounts TO {}; COMMENT ON TABLE accounts IS 'old'",
                                   projections::analyst_role);
    world.connect().execute(grant);
    Analyst analyst{world};
    REQUIRE(analyst.may("SELECT email FROM accounts"));
    CHECK(projections::migrate(world.schema.session(), world.models).made.empty());
    CHECK_FALSE(analyst.may("SELECT email FROM accounts"));
    CHECK_FALSE(analyst.may("UPDATE accounts SET email = ''"));
    CHECK(analyst.may("SELECT user_id FROM accounts"));
    CHECK(analyst.number("SELECT count(*) FROM pg_description WHERE objoid = 'accounts'::regclass AND description = "
                         "'old'") == 0);
}

TEST_CASE("many make the role at once, and it is there once; who may not make roles is told so") {
    const auto name = test::unused_name();
    std::atomic<int> there = 0;
    {
        std::vector<std::jthread> all;
        for (int number = 0; number < 8; ++number) {
            all.emplace_back([&] {
                auto connection = as_superuser();
                there += projections::make_role(connection, name) ? 1 : 0;
            });
        }
    }
    CHECK(there == 8);
    auto superuser = as_superuser();
    CHECK_FALSE(superuser.execute(fmt::format("SELECT 1 FROM pg_roles WHERE rolname = '{}' AND NOT rolcanlogin", name))
                    .empty());
    postgres::Session session;
    session.server = test::postgres_server();
    postgres::Connection ours{session};
    CHECK(projections::make_role(ours, name));
    superuser.execute("DROP ROLE " + name);
    CHECK_FALSE(projections::make_role(ours, name));
}
}
