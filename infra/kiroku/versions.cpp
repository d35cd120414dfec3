// infra/kiroku/versions.cpp: kiroku versions: the versions of read models: lists them, switches between them, drops
// them.
#include "projections/engine/versions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "infra/kiroku/loading.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

using projections::Version;
using projections::VersionState;
using runtime::Exit;
using runtime::Failure;

struct VersionsVerb {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> words;  // list | switch READ-MODEL | drop READ-MODEL
    LoadingOptions loading;
    int version = 0;
    bool now = false;
    bool yes = false;
    bool json = false;
};

void declare(runtime::Options& options, VersionsVerb& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("what", settings.words, "list [READ-MODEL], switch READ-MODEL or drop READ-MODEL");
    options.add("version", settings.version, "which one; 0: the one that was live before, or all but the live one");
    options.flag("now", settings.now, "switch first and catch up then: readers see an older state for a while");
    declare(options, settings.loading);
    options.flag("yes", settings.yes, "don't ask");
    options.flag("json", settings.json, "list as JSON, an array with an object for each version");
}

constexpr const char* manual =
    R"(`kiroku rebuild` makes versions. One is live; those that were stay as they were when they were replaced, each in a schema
of its own. `switch` lets one catch up with the log and puts it in the place of the live one, which takes a moment; with
`--now` it is put there as it is. `drop` frees the disk.

Examples:
  kiroku versions list
  kiroku versions switch leaderboard
  kiroku versions drop leaderboard --version 1
)";

std::vector<Version> chosen(std::vector<Version> versions, const std::vector<std::string>& words) {
    if (words.size() > 1) std::erase_if(versions, [&](const Version& one) { return one.read_model != words[1]; });
    return versions;
}

struct Shown {
    Version version;
    bool is_running;
    std::int64_t bytes;

    [[nodiscard]] std::string state() const {
        if (version.state != VersionState::building) return std::string{to_string(version.state)};
        return is_running ? "building" : "stopped";
    }
};

std::int64_t bytes_of(postgres::Connection& connection, const std::string& live, const Version& version) {
    std::int64_t sum = 0;
    const auto& schema = version.state == VersionState::live ? live : version.schema;
    for (const auto& table : version.tables) {
        const auto size = connection.execute(
            fmt::format("SELECT coalesce(pg_total_relation_size(to_regclass('\"{}\".{}')), 0)", schema, table));
        sum += size[0].get<std::int64_t>(0);
    }
    return sum;
}

std::string as_text(const Shown& one) {
    return fmt::format("{:<20} {:>7} {:>5} {:<9} {:>9.1f} {:<24}  {}\n", one.version.read_model, one.version.number,
                       one.version.shape, one.state(), static_cast<double>(one.bytes) / 1e6,
                       one.version.live_since ? to_string(*one.version.live_since) : "-",
                       one.version.state == VersionState::live ? "" : one.version.schema);
}

std::string as_json(const Shown& one) {
    return fmt::format(
        R"({{"readModel":"{}","version":{},"shape":{},"state":"{}","schema":"{}","bytes":{},"madeAt":"{}","liveSince":{}}})",
        one.version.read_model, one.version.number, one.version.shape, one.state(), one.version.schema, one.bytes,
        to_string(one.version.made_at),
        one.version.live_since ? fmt::format("\"{}\"", to_string(*one.version.live_since)) : "null");
}

Exit list(const VersionsVerb& settings, const postgres::Session& session) {
    postgres::Connection connection{session};
    std::string out = settings.json ? "["
                                    : fmt::format("{:<20} {:>7} {:>5} {:<9} {:>9} {:<24}  {}\n", "read model",
                                                  "version", "shape", "state", "MB", "live since", "schema");
    for (const auto& version : chosen(projections::versions_of(connection), settings.words)) {
        const Shown shown{version, projections::is_locked(connection, session.schema, version.read_model),
                          bytes_of(connection, session.schema, version)};
        if (settings.json && out.size() > 1) out += ',';
        out += settings.json ? as_json(shown) : as_text(shown);
    }
    if (settings.json) out += "]\n";
    std::fputs(out.c_str(), stdout);
    return Exit::ok;
}

/// The one that is named, or that was live before.
Version to_switch_to(const std::vector<Version>& versions, int number) {
    const Version* found = nullptr;
    for (const auto& one : versions) {
        const bool fits =
            number > 0 ? one.number == number : one.state == VersionState::kept || one.state == VersionState::ready;
        if (fits && (found == nullptr || found->live_since < one.live_since)) found = &one;
    }
    if (found == nullptr || found->state == VersionState::live || found->state == VersionState::building) {
        throw Failure(Exit::usage, "There is no such version to switch to.",
                      "`kiroku versions list` shows those there are.");
    }
    return *found;
}

Exit switch_to(const VersionsVerb& settings, const postgres::Session& session, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    projections::RebuildSettings rebuild{.bootstrap = settings.broker.kafka,
                                         .session = session,
                                         .read_models = read_models_named({settings.words.at(1)}),
                                         .load = load_settings(settings.loading),
                                         .as_of = {},
                                         .on_progress = {}};
    postgres::Connection connection{session};
    const auto to = to_switch_to(chosen(projections::versions_of(connection), settings.words), settings.version);
    if (!confirmed(fmt::format("Make version {} of {} the live one?", to.number, to.read_model), settings.yes))
        return Exit::ok;
    LoadingProgress progress{"versions"};
    progress.follow(rebuild);
    const bool done = projections::switch_version(rebuild, to, !settings.now, shutdown.token());
    progress.end();
    if (done) fmt::print("{}: version {} is live\n", to.read_model, to.number);
    return done ? Exit::ok : Exit::check_failed;
}

Exit drop(const VersionsVerb& settings, const postgres::Session& session) {
    postgres::Connection connection{session};
    auto versions = chosen(projections::versions_of(connection), settings.words);
    std::erase_if(versions, [&](const Version& one) {
        return settings.version > 0 ? one.number != settings.version : one.state == VersionState::live;
    });
    if (versions.empty())
        throw Failure(Exit::usage, "There is no such version to drop.",
                      "`kiroku versions list` shows those there are.");
    const projections::VersionLock lock{session, settings.words[1]};
    for (const auto& one : versions) {
        if (!confirmed(fmt::format("Drop version {} of {} ({})?", one.number, one.read_model, to_string(one.state)),
                       settings.yes))
            continue;
        projections::drop_version(session, one);
        fmt::print("{}: version {} is dropped\n", one.read_model, one.number);
    }
    return Exit::ok;
}

Exit run(const VersionsVerb& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        const auto& words = settings.words;
        const auto session = session_of(settings.database);
        const auto what = words.empty() ? "list" : words[0];
        if (words.size() > 1) static_cast<void>(read_models_named({words[1]}));
        if (what == "list" && words.size() < 3) return list(settings, session);
        if (what == "switch" && words.size() == 2) return switch_to(settings, session, shutdown);
        if (what == "drop" && words.size() == 2) return drop(settings, session);
        throw Failure(Exit::usage, "That isn't something to do with versions.",
                      "Say `list`, `list READ-MODEL`, `switch READ-MODEL` or `drop READ-MODEL`.");
    });
}

}  // namespace

void add_versions(runtime::Program& program) {
    program.verb<VersionsVerb>({"versions", "lists, switches and drops versions of read models", manual}, declare, run);
}

}  // namespace kiroku
