// infra/kiroku/project.cpp: kiroku project: writes the read models.
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/engine/run.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct ProjectSettings {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> read_models;
    bool retry_halted = false;
};

void declare(runtime::Options& options, ProjectSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("read-model", settings.read_models, "which to project; all if none is named");
    options.flag("retry-halted", settings.retry_halted, "read on even where a missing version has halted a partition");
}

constexpr const char* manual =
    R"(Reads the event topics and keeps the tables up to date, a thread and a connection for each read model; each can as well
have a process of its own. Rows and position move in one transaction. The latest process to start has a read model for
itself: an earlier one notices at its next batch, rolls it back and steps down.

What it can't digest halts that partition for that read model, never silently: see `kiroku status`.

Examples:
  kiroku project
  kiroku project leaderboard progress
)";

Exit run(const ProjectSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        projections::RunSettings run{.bootstrap = settings.broker.kafka,
                                     .session = session_of(settings.database),
                                     .read_models = read_models_named(settings.read_models),
                                     .retry_halted = settings.retry_halted};
        postgres::Connection first{run.session};  // an unreachable server is an error now, and waited for later
        projections::check_migrated(first, run.read_models);
        projections::run_projectors(run, shutdown.token());
        return Exit::ok;
    });
}

}  // namespace

void add_project(runtime::Program& program) {
    program.verb<ProjectSettings>({"project", "writes the read models", manual}, declare, run);
}

}  // namespace kiroku
