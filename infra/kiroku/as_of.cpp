// infra/kiroku/as_of.cpp: kiroku as-of: read models as they were, in a throw-away schema, ready for SQL.
#include <fmt/format.h>

#include "infra/kiroku/loading.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/throw_away.hpp"
#include "infra/kiroku/verb.hpp"

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

Exit run(const AsOfVerb& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    if (settings.moment.size() != 1) throw Failure(Exit::usage, "As of when?", "Say one time or position.");
    if (settings.read_models.empty()) throw Failure(Exit::usage, "Which read model?", "Say --read-model NAME.");
    const auto schema = throw_away_name(settings.schema, settings.read_models.front() + "_as_of");
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
        if (!done) return Exit::check_failed;
        const auto made = look_at(as_of, schema);
        if (settings.json)
            fmt::print("{{{}}}\n", made.json_members());
        else
            fmt::print("{}", made.text());
        return Exit::ok;
    });
}

}  // namespace

void add_as_of(runtime::Program& program) {
    program.verb<AsOfVerb>({"as-of", "makes read models as they were, for SQL", manual}, declare, run);
}

}  // namespace kiroku
