// infra/kiroku/trace.cpp: kiroku trace: the whole way of one request, with times, from the log alone.
#include <fmt/format.h>

#include <algorithm>

#include "infra/kiroku/moment_option.hpp"
#include "infra/kiroku/output_lines.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/progress.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/trace_report.hpp"
#include "infra/kiroku/verb.hpp"
#include "infra/postgres/error.hpp"
#include "infra/replay/trace_search.hpp"
#include "projections/engine/checkpoint.hpp"
#include "projections/engine/parked.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::days usual_time{7};     // as long as commands are kept
constexpr std::chrono::hours before_an_id{1};  // clocks differ, and an event's cause came before it

struct TraceSettings {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> ids;
    std::string since;
    bool json = false;
};

void declare(runtime::Options& options, TraceSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("id", settings.ids, "of a request, a trace, a command or an event")->required()->expected(1);
    options.add("since", settings.since,
                "don't look at what is older: a time or how long ago; default: what the id itself tells, else 7d");
    options.flag("json", settings.json, "as JSON, one object");
}

constexpr const char* manual =
    R"(Follows a request through the log: the command that it became, the events that this was decided into, the commands that
policies answered these with, their events, and so on; each with the time at which it was written (commands by the
broker's clock, events and replies by the decider's), its place, and its term. Then how far each read model is with them.

The id may be what the client sent or got as X-Request-Id (`requestId` in problems), a W3C trace id or a whole
traceparent, a command's id or an event's. Ids that Kiroku makes tell their own time, so that only what came later is
read; of others, the last seven days.

A refusal leaves nothing in the log but its reply, which is kept for an hour. Requests that only read, and those that are
refused before they become a command, leave nothing. Without --postgres read models aren't asked. Ends with 1 if nothing
was found.

Examples:
  kiroku trace 0195677c-1d80-7a3e-9c51-2f6b8d4e0a17
  kiroku trace 4bf92f3577b34da6a3ce929d0e0e4736 --since 30d
  kiroku trace 0195677c-1d80-7a3e-9c51-2f6b8d4e0a17 --json | jq '.commands[].events[].event.type'
)";

Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

Instant since_of(const TraceSettings& settings) {
    if (const auto moment = moment_option("since", settings.since, now(), context_names())) {
        if (const auto* time = std::get_if<Instant>(&*moment)) return *time;
        throw Failure(Exit::usage, fmt::format("--since {}: expected a time, or how long ago.", settings.since), "");
    }
    const auto made = replay::time_in(settings.ids.front());
    return made && *made < now() ? *made - before_an_id : now() - usual_time;
}

replay::FoundRecords found_of(const TraceSettings& settings, Instant since, const std::stop_token& stop) {
    const auto names = context_names();
    Progress progress{"trace", "records"};
    auto found = replay::find({.bootstrap = settings.broker.kafka,
                               .contexts = {names.begin(), names.end()},
                               .id = settings.ids.front(),
                               .since = since,
                               .on_progress =
                                   [&](auto what, auto done, auto all) {
                                       progress.show({{std::string{what}, done, all}});
                                   }},
                              stop);
    progress.end();
    return found;
}

Projected projected_of(postgres::Connection& connection, const projections::ReadModel& model,
                       const replay::FoundRecords& found) {
    Projected projected{.read_model = model.name};
    const auto checkpoints = projections::read_checkpoints(connection, model.name);
    const auto parked = projections::parked_keys(connection, model.name);
    const auto tables = model.make_tables(projections::Keep::some);
    const auto reads = [&](std::string_view type) {
        return std::ranges::any_of(tables, [&](const auto& table) { return table->reads(type); });
    };
    for (const auto& event : found.events) {
        if (!found.requests.contains(event.envelope.correlation) || !reads(event.envelope.type)) continue;
        ++projected.events;
        const auto checkpoint = checkpoints.find(event.partition);
        if (checkpoint != checkpoints.end() && checkpoint->second.cursor.next > event.offset) ++projected.passed;
        projected.parked += std::ranges::any_of(parked, [&](const auto& key) {
            return key.context == event.partition.context && key.aggregate == event.envelope.aggregate;
        });
    }
    return projected;
}

void ask_read_models(const TraceSettings& settings, TraceReport& report) {
    if (settings.database.postgres.empty()) {
        report.not_projected = "not asked, for no --postgres is given";
        return;
    }
    try {
        auto session = session_of(settings.database);
        session.read_only = true;
        postgres::Connection connection{session};
        for (const auto& model : read_models()) {
            auto projected = projected_of(connection, model, report.found);
            if (projected.events > 0) report.projected.push_back(std::move(projected));
        }
    } catch (const postgres::DatabaseError&) {
        report.projected.clear();
        report.not_projected = "the database doesn't answer";
    }
}

Exit run(const TraceSettings& settings, runtime::Shutdown& shutdown) {
    const auto since = since_of(settings);
    runtime::check_given(settings.broker);
    return with_database_remedies([&] {
        const auto found = found_of(settings, since, shutdown.token());
        if (shutdown.requested()) return Exit::ok;
        TraceReport report{.found = found, .trace = replay::trace_of(found), .projected = {}, .not_projected = {}};
        if (report.trace.commands.empty()) {
            throw Failure(
                Exit::check_failed,
                fmt::format("Nothing that was written since {} belongs to {}.", to_string(since), settings.ids.front()),
                "Look further back with --since 30d. Requests that only read, or were refused before they "
                "became a command, leave nothing in the log.");
        }
        ask_read_models(settings, report);
        OutputLines lines{shutdown};
        lines.text() = settings.json ? as_json(report) : as_text(report, terminal_width());
        lines.flush();
        return Exit::ok;
    });
}

}  // namespace

void add_trace(runtime::Program& program) {
    program.verb<TraceSettings>({"trace", "the whole way of one request, with times", manual}, declare, run);
}

}  // namespace kiroku
