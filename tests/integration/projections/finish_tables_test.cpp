// tests/integration/projections/finish_tables_test.cpp: tables get the same keys and indexes whether they are made at
// once or once their rows are in, all of them or what is missing, by one or several.
#include "projections/engine/finish_tables.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>

#include "projections/engine/table_sql.hpp"
#include "projections/engine/versions.hpp"
#include "tests/support/projected.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using projections::TableShape;
using test::ProjectedWorld;

namespace {

constexpr projections::IndexingLimits limits{.jobs = 3, .most_bytes = 64UL << 20};

/// A schema with all read models' tables as a load finds them: without keys and indexes.
struct Bare {
    const ProjectedWorld& world;
    postgres::Session session;

    explicit Bare(const ProjectedWorld& world)
        : world(world), session(projections::beside(world.schema.session(), world.schema.session().schema + "_bare")) {
        auto connection = world.connect();
        postgres::Transaction transaction{connection};
        projections::create_beside(transaction, world.schema.session().schema, session.schema, world.models);
        transaction.commit();
    }
    ~Bare() {
        world.connect().execute(
            fmt::format(R"(SET client_min_messages = warning; DROP SCHEMA "{}" CASCADE)", session.schema));
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    [[nodiscard]] postgres::Connection connect() const { return postgres::Connection{session}; }

    void finish(const projections::IndexingLimits& within = limits) const {
        for (const auto& model : world.models) projections::finish_tables(session, model, within);
    }
};

std::vector<TableShape> all_tables(const ProjectedWorld& world) {
    std::vector<TableShape> all;
    for (const auto& model : world.models) {
        for (const auto& table : model.make_tables(projections::Keep::some)) all.push_back(table->shape());
    }
    return all;
}

/// All that the catalogue says about a schema's tables, their columns, constraints and indexes; a line each.
std::string catalogue(postgres::Connection connection, const std::string& schema, const std::string& table) {
    const auto rows = connection.execute(fmt::format(
        R"(WITH told AS (
             SELECT concat_ws(' ', 'index', c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary, i.indisunique,
                 i.indisvalid, i.indisready, i.indimmediate, i.indisreplident, c.reloptions) AS line
               FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = '"{0}".{1}'::regclass
             UNION ALL SELECT concat_ws(' ', 'constraint', k.conname, k.contype, pg_get_constraintdef(k.oid), c.relname,
                 k.condeferrable, k.convalidated, k.conislocal, k.connoinherit, k.conkey)
               FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conindid WHERE k.conrelid = '"{0}".{1}'::regclass
             UNION ALL SELECT concat_ws(' ', 'column', attnum, attname, atttypid::regtype, attnotnull)
               FROM pg_attribute WHERE attrelid = '"{0}".{1}'::regclass AND attnum > 0
             UNION ALL SELECT concat_ws(' ', 'table', relname, relhasindex, reloptions)
               FROM pg_class WHERE oid = '"{0}".{1}'::regclass)
           SELECT replace(replace(string_agg(line, E'\n' ORDER BY line), '"{0}".', ''), '{0}.', '') FROM told)",
        schema, table));
    return rows[0].get<std::string>(0);
}

void check_like_migrated(const ProjectedWorld& world, const Bare& bare) {
    for (const auto& shape : all_tables(world)) {
        INFO(shape.name);
        const auto migrated = catalogue(world.connect(), world.schema.session().schema, shape.name);
        CHECK(migrated.find(shape.name + "_pkey") != std::string::npos);
        CHECK(catalogue(bare.connect(), bare.session.schema, shape.name) == migrated);
    }
}

/// What is done to a table one after the other, as a crash may leave it behind any of them.
std::vector<std::string> steps_of(const TableShape& shape) {
    std::vector<std::string> steps{index_of_key(shape).create};
    for (const auto& index : indexes_of(shape)) steps.push_back(index.create);
    steps.push_back(add_key_from_index(shape));
    return steps;
}

/// How many of a read model's indexes are being made, and wait for who writes its table.
std::int64_t waiting(const ProjectedWorld& world, const std::string& read_model) {
    return world.number(
        fmt::format("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kiroku index {}' AND "
                    "wait_event_type = 'Lock' AND query LIKE 'CREATE%INDEX%'",
                    read_model));
}

void wait_for_waiting(const ProjectedWorld& world, const std::string& read_model, std::int64_t so_many) {
    const auto give_up = std::chrono::steady_clock::now() + 60s;
    while (waiting(world, read_model) != so_many) {
        REQUIRE_MESSAGE(std::chrono::steady_clock::now() < give_up, "not that many indexes are made at once");
        std::this_thread::sleep_for(5ms);
    }
}

}  // namespace

TEST_SUITE("finishing tables") {
TEST_CASE("indexed last, every read model's tables are what migrate makes; done again, they stay it") {
    const ProjectedWorld world;
    const Bare bare{world};
    bare.finish();
    check_like_migrated(world, bare);
    bare.finish({.jobs = 1, .most_bytes = 1});
    check_like_migrated(world, bare);
    for (const auto& shape : all_tables(world))
        CHECK(world.number(fmt::format("SELECT count(*) FROM pg_index WHERE indrelid = '\"{}\".{}'::regclass",
                                       bare.session.schema, shape.name)) ==
              1 + static_cast<std::int64_t>(shape.indexes.size()));
}

TEST_CASE("the names are those that PostgreSQL gives by itself, which older tables have") {
    const ProjectedWorld world;
    const Bare bare{world};
    for (const auto& shape : all_tables(world)) {
        std::string keys;
        for (const auto& column : shape.columns)
            if (column.is_key) keys += (keys.empty() ? "" : ", ") + column.name;
        bare.connect().execute(fmt::format("ALTER TABLE {} ADD PRIMARY KEY ({})", shape.name, keys));
        for (const auto& index : shape.indexes) {
            const auto columns = index.substr(0, index.find(" WHERE "));
            bare.connect().execute(
                fmt::format("CREATE INDEX ON {} ({}){}", shape.name, columns, index.substr(columns.size())));
        }
    }
    check_like_migrated(world, bare);
    bare.finish();
    check_like_migrated(world, bare);
}

TEST_CASE("broken off behind any step, the same call makes what is missing") {
    const ProjectedWorld world;
    for (std::size_t done = 0; done < 4; ++done) {
        for (const bool went_on_loading : {false, true}) {
            INFO(done, " steps, then a load that asks for keys: ", went_on_loading);
            const Bare bare{world};
            for (const auto& shape : all_tables(world)) {
                const auto steps = steps_of(shape);
                for (std::size_t step = 0; step < std::min(done, steps.size()); ++step)
                    bare.connect().execute(steps[step]);
                if (went_on_loading) projections::ensure_key(bare.session, shape);
            }
            bare.finish();
            check_like_migrated(world, bare);
        }
    }
}

TEST_CASE("an index other than the key's may be all that is there") {
    const ProjectedWorld world;
    const Bare bare{world};
    for (const auto& shape : all_tables(world)) {
        for (const auto& index : indexes_of(shape)) bare.connect().execute(index.create);
    }
    bare.finish();
    check_like_migrated(world, bare);
}

TEST_CASE("what a process that is gone has left running is waited for, however it ends") {
    const ProjectedWorld world;
    for (const bool commits : {true, false}) {
        const Bare bare{world};
        auto gone = bare.connect();
        std::future<void> finished;
        {
            postgres::Transaction left{gone};
            for (const auto& shape : all_tables(world)) {
                for (const auto& step : steps_of(shape))
                    if (step.starts_with("CREATE")) left.execute(step);
            }
            finished = std::async(std::launch::async, [&] { bare.finish(); });
            CHECK(finished.wait_for(300ms) == std::future_status::timeout);
            if (commits) left.commit();
        }
        finished.get();
        check_like_migrated(world, bare);
    }
}

TEST_CASE("a table's indexes are made at the same time, as many as there are jobs") {
    const ProjectedWorld world;
    for (const int jobs : {1, 2}) {
        const Bare bare{world};
        auto writer = bare.connect();
        std::future<void> finished;
        {
            postgres::Transaction held{writer};
            held.execute("LOCK TABLE xp_history IN ROW EXCLUSIVE MODE");
            finished = std::async(std::launch::async, [&] {
                projections::finish_tables(bare.session, world.model("xp_history"),
                                           {.jobs = jobs, .most_bytes = 64UL << 20});
            });
            wait_for_waiting(world, "xp_history", jobs);
            CHECK(finished.wait_for(200ms) == std::future_status::timeout);
            CHECK(waiting(world, "xp_history") == jobs);
        }
        finished.get();
        CHECK(catalogue(bare.connect(), bare.session.schema, "xp_history") ==
              catalogue(world.connect(), world.schema.session().schema, "xp_history"));
    }
}
}
