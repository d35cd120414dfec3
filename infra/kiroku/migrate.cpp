// infra/kiroku/migrate.cpp: kiroku migrate: makes the schema and the tables of the read models.
#include "projections/engine/migrate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/analysts.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

struct MigrateSettings {
    runtime::Database database;
    std::vector<std::string> recreate;
    bool leave_outdated = false;
};

void declare(runtime::Options& options, MigrateSettings& settings) {
    runtime::declare(options, settings.database);
    options.add("recreate", settings.recreate, "a read model whose tables to drop; it is projected anew from the log");
    options.flag("leave-outdated", settings.leave_outdated,
                 "no failure where tables have another shape than this program gives them: for `rebuild --outdated`");
}

constexpr const char* manual =
    R"(Brings the database up to this program, in one transaction: the schema `kiroku`, what the projectors keep there, and the
tables of each read model. What is there already stays as it is; running it twice does it once. Tables of another shape than
this program gives them stay, too, and are named (exit code 3): `kiroku rebuild --outdated` makes them anew. For people with SQL it makes the
role kiroku_analyst, which reads what is neither personal nor secret, and writes into the database what the tables mean.

Examples:
  kiroku migrate
  kiroku migrate --recreate leaderboard
)";

constexpr const char* no_role =
    "no role kiroku_analyst: we may not create roles here; once a superuser did (CREATE ROLE kiroku_analyst NOLOGIN), "
    "migrate again\n";

Exit run(const MigrateSettings& settings, runtime::Shutdown&) {
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        (void)read_models_named(settings.recreate);
        postgres::Connection connection{session_of(settings.database)};
        const bool has_role = projections::make_role(connection);
        const auto done = projections::migrate(session_of(settings.database), read_models_named({}), settings.recreate);
        for (const auto& line : done.made) std::fputs(("made " + line + "\n").c_str(), stdout);
        if (done.made.empty()) std::fputs("all was there\n", stdout);
        if (!has_role) std::fputs(no_role, stdout);
        if (!done.outdated.empty() && !settings.leave_outdated) {
            throw Failure(Exit::config,
                          fmt::format("The tables of {} have another shape than this program gives them.",
                                      fmt::join(done.outdated, ", ")),
                          "`kiroku rebuild --outdated` makes them anew beside the live ones and switches; `kiroku "
                          "migrate --recreate READ-MODEL` drops them first.");
        }
        return Exit::ok;
    });
}

}  // namespace

void add_migrate(runtime::Program& program) {
    program.verb<MigrateSettings>({"migrate", "makes the tables of the read models", manual}, declare, run);
}

}  // namespace kiroku
