#include "projections/engine/migrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "projections/engine/analysts.hpp"
#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

struct Migration {
    int number;
    const char* name;
    const char* sql;
};

/// What the engine itself needs. Never changed once released: add one.
constexpr Migration migrations[] = {
    {1, "checkpoints of read models", R"(
CREATE TABLE read_model (
  name text PRIMARY KEY,
  shape integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE checkpoint (
  read_model text NOT NULL,
  context text NOT NULL,
  part integer NOT NULL,
  epoch bigint NOT NULL DEFAULT 0,
  owner uuid,
  claimed_at timestamptz,
  next_offset bigint NOT NULL DEFAULT 0,
  term bigint NOT NULL DEFAULT -1,
  sequence bigint NOT NULL DEFAULT 0,
  last_event_id uuid,
  last_event_offset bigint NOT NULL DEFAULT -1,
  last_event_time timestamptz,
  log_id uuid,
  halted text NOT NULL DEFAULT '',
  PRIMARY KEY (read_model, context, part)
) WITH (fillfactor = 50);
COMMENT ON TABLE checkpoint IS 'How far each read model has read each partition of the log; moved only together with its rows.';
)"},
    {2, "versions of read models", R"(
CREATE TABLE read_model_version (
  read_model text NOT NULL,
  version integer NOT NULL,
  shape integer NOT NULL,
  state text NOT NULL CHECK (state IN ('building', 'ready', 'live', 'kept')),
  schema_name text NOT NULL,
  tables text[] NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  live_since timestamptz,
  PRIMARY KEY (read_model, version)
);
CREATE UNIQUE INDEX ON read_model_version (read_model) WHERE state = 'live';
COMMENT ON TABLE read_model_version IS 'Each read model has one live version; others stand in schemas of their own.';
)"},
    {3, "parked keys of read models", R"(
CREATE TABLE parked (
  read_model text NOT NULL,
  context text NOT NULL,
  part integer NOT NULL,
  first_offset bigint NOT NULL,
  last_offset bigint NOT NULL,
  aggregate uuid NOT NULL,
  reason text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  given_up_at timestamptz,
  PRIMARY KEY (read_model, aggregate, context, first_offset)
);
COMMENT ON TABLE parked IS 'Decisions that a read model could not digest, and those that wait behind them, by reference.';
)"},
    {4, "positions are told to those who wait for them", R"(
CREATE FUNCTION tell_positions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told text;
BEGIN
  SELECT string_agg(concat_ws(' ', read_model, context, part, next_offset), E'\n') INTO told FROM moved;
  IF told IS NOT NULL THEN
    told := TG_TABLE_SCHEMA || E'\n' || told;
    PERFORM pg_notify('kiroku_positions', CASE WHEN octet_length(told) < 8000 THEN told ELSE TG_TABLE_SCHEMA::text END);
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_positions IS 'The schema; then, if they are not too many to be told, lines of read model, context, partition, next offset.';
CREATE TRIGGER tell_moved AFTER UPDATE ON checkpoint REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tell_positions();
CREATE TRIGGER tell_put AFTER INSERT ON checkpoint REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tell_positions();
)"},
};

const postgres::Statement known_statement{"migrate_known", "SELECT name, shape FROM read_model"};

void run_migrations(postgres::Transaction& transaction, std::vector<std::string>& done) {
    transaction.execute(
        "CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT now())");
    const auto rows = transaction.execute("SELECT coalesce(max(number), 0) FROM migration");
    const auto latest = rows[0].get<int>(0);
    for (const auto& [number, name, sql] : migrations) {
        if (number <= latest) continue;
        transaction.execute(sql);
        transaction.execute(fmt::format("INSERT INTO migration VALUES ({}, '{}')", number, name));
        done.push_back(fmt::format("migration {}: {}", number, name));
    }
}

/// What stands in the live schema is a version, too.
void note_version(postgres::Transaction& transaction, const std::string& schema, const ReadModel& model) {
    std::string tables;
    for (const auto& table : model.make_tables(Keep::some)) {
        tables += fmt::format("{}'{}'", tables.empty() ? "" : ", ", table->shape().name);
    }
    transaction.execute(fmt::format(
        "INSERT INTO read_model_version (read_model, version, shape, state, schema_name, tables, live_since) "
        "SELECT '{0}', next, {1}, 'live', '{2}_{0}_v' || next, ARRAY[{3}], now() FROM "
        "(SELECT coalesce(max(version), 0) + 1 AS next FROM read_model_version WHERE read_model = '{0}') AS numbers "
        "WHERE NOT EXISTS (SELECT 1 FROM read_model_version WHERE read_model = '{0}' AND state = 'live')",
        model.name, model.shape, schema, tables));
}

void create(postgres::Transaction& transaction, const ReadModel& model, std::vector<std::string>& done) {
    for (const auto& table : model.make_tables(Keep::some))
        transaction.execute(create_table(table->shape(), table->appends()));
    transaction.execute(fmt::format("INSERT INTO read_model (name, shape) VALUES ('{}', {})", model.name, model.shape));
    done.push_back(fmt::format("read model {} (shape {})", model.name, model.shape));
}

/// Its projector, if one runs, finds its checkpoints gone and steps down.
void drop(postgres::Transaction& transaction, const ReadModel& model) {
    for (const auto& table : model.make_tables(Keep::some)) {
        transaction.execute(fmt::format("DROP TABLE IF EXISTS {}", table->shape().name));
    }
    transaction.execute(
        fmt::format("DELETE FROM checkpoint WHERE read_model = '{0}'; DELETE FROM read_model WHERE name = '{0}'; "
                    "DELETE FROM read_model_version WHERE read_model = '{0}' AND state = 'live'; "
                    "DELETE FROM parked WHERE read_model = '{0}'",
                    model.name));
}

std::map<std::string, int> shapes_of(const postgres::Rows& rows) {
    std::map<std::string, int> shapes;
    for (const auto& row : rows) shapes.emplace(row.get<std::string>(0), row.get<int>(1));
    return shapes;
}

ShapeDiffers differs(const ReadModel& model, int there) {
    return ShapeDiffers(fmt::format("read model {} has shape {} in the database, and shape {} in this program",
                                    model.name, there, model.shape));
}

}  // namespace

Migrated migrate(const postgres::Session& session, const std::vector<ReadModel>& read_models,
                 const std::vector<std::string>& recreate) {
    auto patient = session;
    patient.lock_timeout = std::chrono::seconds{30};
    patient.statement_timeout = std::chrono::seconds{60};
    postgres::Connection connection{patient};
    Migrated migrated;
    std::vector<ReadModel> todays;
    postgres::Transaction transaction{connection};
    transaction.execute("SELECT pg_advisory_xact_lock(hashtext('kiroku migrate'))");
    transaction.execute(
        fmt::format("SET LOCAL client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS \"{}\"", session.schema));
    run_migrations(transaction, migrated.made);
    const auto shapes = shapes_of(transaction.run(known_statement, {}));
    for (const auto& model : read_models) {
        const auto known = shapes.find(model.name);
        const bool anew = std::ranges::find(recreate, model.name) != recreate.end();
        if (anew) drop(transaction, model);
        if (known == shapes.end() || anew) create(transaction, model, migrated.made);
        note_version(transaction, session.schema, model);
        if (known != shapes.end() && !anew && known->second != model.shape)
            migrated.outdated.push_back(model.name);
        else
            todays.push_back(model);
    }
    open_to_analysts(transaction, session.schema, todays);
    transaction.commit();
    return migrated;
}

std::vector<std::string> outdated_among(postgres::Connection& connection, const std::vector<ReadModel>& read_models) {
    const auto shapes = shapes_of(connection.run(known_statement, {}));
    std::vector<std::string> outdated;
    for (const auto& model : read_models) {
        const auto known = shapes.find(model.name);
        if (known != shapes.end() && known->second != model.shape) outdated.push_back(model.name);
    }
    return outdated;
}

void check_migrated(postgres::Connection& connection, const std::vector<ReadModel>& read_models) {
    const auto shapes = shapes_of(connection.run(known_statement, {}));
    for (const auto& model : read_models) {
        const auto known = shapes.find(model.name);
        if (known == shapes.end())
            throw postgres::SchemaMissing(fmt::format("the tables of read model {} are not there", model.name));
        if (known->second != model.shape) throw differs(model, known->second);
    }
}

}  // namespace kiroku::projections
