// infra/kiroku/as_of.cpp: kiroku as-of: read models as they were, in a throw-away schema, ready for SQL.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "infra/kiroku/loading.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/positions.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

struct AsOfVerb {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> moment;
    std::vector<std::string> read_models;
    std::string schema;
    LoadingOptions loading;
    bool json = false;
};

void declare(runtime::Options& options, AsOfVerb& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("moment", settings.moment, "a time, a date (midnight, UTC), how long ago (2h, 1d12h), or a position");
    options.add("read-model", settings.read_models, "which one; may be given again");
    options.add("schema", settings.schema, "where to make it; by default a new name, which is printed");
    declare(options, settings.loading);
    options.flag("json", settings.json, "as JSON: the schema, the position, rows of each table");
}

constexpr const char* manual =
    R"(Folds the log up to then, all that was recorded by that time, into a schema that nobody else uses. A position counts for
the partitions that it names; the others are read up to the time of the latest record that it names.

Drop the schema when you are done; nothing else knows it.

Examples:
  kiroku as-of 2026-11-01 --read-model leaderboard
  kiroku as-of 2h --read-model progress --read-model xp_history --schema before_the_change
  psql "$KIROKU_POSTGRES" -c 'SELECT * FROM before_the_change.progress LIMIT 10'
)";

/// "leaderboard_as_of_20261122_101500": by when it was asked for, so that two are told apart.
std::string new_name(const AsOfVerb& settings) {
    auto now = to_string(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    std::erase_if(now, [](char c) { return c == '-' || c == ':'; });
    return fmt::format("{}_as_of_{}_{}", settings.read_models.front(), now.substr(0, 8), now.substr(9, 6));
}

bool is_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.size() <= 60 && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, fits) &&
           !name.starts_with("pg_");
}

std::string rows_text(postgres::Connection& connection, const AsOfVerb& settings,
                      const std::vector<projections::ReadModel>& models, const std::string& schema) {
    std::string out;
    for (const auto& model : models) {
        for (const auto& table : model.make_tables(projections::Keep::some)) {
            const auto& name = table->shape().name;
            const auto rows =
                connection.execute(fmt::format(R"(SELECT count(*) FROM "{}".{})", schema, name))[0].get<std::int64_t>(
                    0);
            out += settings.json ? fmt::format(R"({}{{"table":"{}","rows":{}}})", out.empty() ? "" : ",", name, rows)
                                 : fmt::format("  {}.{}: {} rows\n", schema, name, rows);
        }
    }
    return out;
}

void print(const AsOfVerb& settings, const projections::RebuildSettings& made, const std::string& schema) {
    postgres::Connection connection{projections::beside(made.session, schema)};
    postgres::Read read{connection};
    log::Position position;
    for (const auto& model : made.read_models) position.include(projections::position_of(read, model.name));
    const auto rows = rows_text(connection, settings, made.read_models, schema);
    if (settings.json)
        fmt::print(R"({{"schema":"{}","position":"{}","tables":[{}]}})"
                   "\n",
                   schema, position.text(), rows);
    else
        fmt::print("{}\nup to {}\nwhen you are done: psql \"$KIROKU_POSTGRES\" -c 'DROP SCHEMA {} CASCADE'\n", rows,
                   position.text(), schema);
}

Exit run(const AsOfVerb& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    if (settings.moment.size() != 1) throw Failure(Exit::usage, "As of when?", "Say one time or position.");
    if (settings.read_models.empty()) throw Failure(Exit::usage, "Which read model?", "Say --read-model NAME.");
    const auto schema = settings.schema.empty() ? new_name(settings) : settings.schema;
    if (!is_name(schema)) {
        throw Failure(Exit::usage, fmt::format("{} is no name for a schema.", schema),
                      "Lower-case letters, digits and _, at most 60, not beginning with a digit or pg_.");
    }
    return with_database_remedies([&] {
        projections::RebuildSettings as_of{.bootstrap = settings.broker.kafka,
                                           .session = session_of(settings.database),
                                           .read_models = read_models_named(settings.read_models),
                                           .load = load_settings(settings.loading),
                                           .as_of = {},
                                           .on_progress = {}};
        as_of.as_of = ends_at(settings.broker.kafka, as_of.read_models, settings.moment.front());
        LoadingProgress progress{"as-of"};
        progress.follow(as_of);
        const bool done = projections::make_as_of(as_of, schema, shutdown.token());
        progress.end();
        if (done) print(settings, as_of, schema);
        return done ? Exit::ok : Exit::check_failed;
    });
}

}  // namespace

void add_as_of(runtime::Program& program) {
    program.verb<AsOfVerb>({"as-of", "makes read models as they were, for SQL", manual}, declare, run);
}

}  // namespace kiroku
