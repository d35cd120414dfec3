// infra/kiroku/rebuild.cpp: kiroku rebuild: makes read models anew from the log, beside the live ones.
#include "projections/engine/rebuild.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "infra/kiroku/loading.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/migrate.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

struct RebuildVerb {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> read_models;
    LoadingOptions loading;
    std::string as_of;
    bool all = false;
    bool outdated = false;
    bool anew = false;
    bool skip_verify = false;
    bool force = false;
    bool yes = false;
    bool json = false;
};

void declare(runtime::Options& options, RebuildVerb& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("read-model", settings.read_models, "which to make anew");
    options.flag("all", settings.all, "all read models, in one pass over the log");
    options.flag("outdated", settings.outdated, "those whose tables have another shape than this program gives them");
    declare(options, settings.loading);
    options.add("as-of", settings.as_of,
                "only up to then: a time, a date, 2h ago as 2h, a position; it is left beside the live one");
    options.flag("anew", settings.anew, "begin anew even where an earlier rebuild can be gone on with");
    options.flag("skip-verify", settings.skip_verify, "don't fold the log once more to compare before switching");
    options.flag("force", settings.force, "switch even where keys are parked because their events can't be digested");
    options.flag("yes", settings.yes, "don't ask");
    options.flag("json", settings.json, "as JSON, an array with an object for each read model");
}

constexpr const char* manual =
    R"(Makes new versions of read models in schemas of their own, from the whole log, and puts each in the place of the live one
once it is indexed, has caught up and was verified against the log. Readers and the projector notice nothing: they go on
with the new one. The one before stays until `kiroku versions drop`; `kiroku versions switch` goes back to it.

Ctrl-C stops it, a second one at once; the same command goes on where it stopped, as it does after a crash. What was read
is put into the tables every half minute.

Examples:
  kiroku rebuild leaderboard progress
  kiroku rebuild --all --max-rate 50000 --yes
  kiroku rebuild --outdated --yes              behind `migrate`, with a new program; `kiroku up` does it by itself
  kiroku rebuild leaderboard --as-of 2026-11-01
)";

std::vector<std::string> outdated(const RebuildVerb& settings) {
    postgres::Connection connection{session_of(settings.database)};
    return projections::outdated_among(connection, read_models_named({}));
}

std::string as_text(const projections::Rebuilt& one) {
    if (!one.live) {
        return fmt::format("{}: version {} is ready in schema {}, up to {}\n", one.version.read_model,
                           one.version.number, one.version.schema, one.position.text());
    }
    return fmt::format("{}: version {} is live, up to {}\n  kiroku versions switch {}   goes back to the one before\n",
                       one.version.read_model, one.version.number, one.position.text(), one.version.read_model);
}

std::string as_json(const projections::Rebuilt& one) {
    return fmt::format(R"({{"readModel":"{}","version":{},"position":"{}","state":"{}"}})", one.version.read_model,
                       one.version.number, one.position.text(), one.live ? "live" : "ready");
}

Exit run(const RebuildVerb& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    if (int{!settings.read_models.empty()} + int{settings.all} + int{settings.outdated} != 1)
        throw Failure(Exit::usage, "Which read models?", "Name them, or say --all or --outdated.");
    return with_database_remedies([&] {
        const auto chosen = settings.outdated ? outdated(settings) : settings.read_models;
        if (settings.outdated && chosen.empty()) {
            std::fputs(settings.json ? "[]\n" : "none is outdated\n", stdout);
            return Exit::ok;
        }
        projections::RebuildSettings rebuild{.bootstrap = settings.broker.kafka,
                                             .session = session_of(settings.database),
                                             .read_models = read_models_named(chosen),
                                             .load = load_settings(settings.loading),
                                             .as_of = {},
                                             .anew = settings.anew,
                                             .verify = !settings.skip_verify,
                                             .force = settings.force,
                                             .on_progress = {}};
        std::vector<std::string> names;
        for (const auto& model : rebuild.read_models) names.push_back(model.name);
        if (!confirmed(fmt::format("Make {} anew from the log, and switch to it?", fmt::join(names, ", ")),
                       settings.yes))
            return Exit::ok;
        if (!settings.as_of.empty())
            rebuild.as_of = ends_at(settings.broker.kafka, rebuild.read_models, settings.as_of);
        LoadingProgress progress{"rebuild"};
        progress.follow(rebuild);
        const auto done = projections::rebuild(rebuild, shutdown.token());
        progress.end();
        std::string out = settings.json ? "[" : "";
        for (const auto& one : done) {
            if (settings.json && out.size() > 1) out += ',';
            out += settings.json ? as_json(one) : as_text(one);
        }
        if (settings.json) out += "]\n";
        std::fputs(out.c_str(), stdout);
        if (done.size() == rebuild.read_models.size()) return Exit::ok;
        std::fputs("stopped before it was done; the same command goes on\n", stderr);
        return Exit::check_failed;
    });
}

}  // namespace

void add_rebuild(runtime::Program& program) {
    program.verb<RebuildVerb>({"rebuild", "makes read models anew from the log, beside the live ones", manual}, declare,
                              run);
}

}  // namespace kiroku
