// infra/kiroku/project.cpp: kiroku project: writes the read models.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "infra/kiroku/operator_port.hpp"
#include "infra/kiroku/otlp.hpp"
#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/engine/run.hpp"
#include "projections/engine/status.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct ProjectSettings {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> read_models;
    bool retry_halted = false;
    OperatorPortSettings metrics;
    OtlpSettings otlp;
};

void declare(runtime::Options& options, ProjectSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("read-model", settings.read_models, "which to project; all if none is named");
    options.flag("retry-halted", settings.retry_halted, "read on even where a missing version has halted a partition");
    declare(options, settings.metrics);
    declare(options, settings.otlp);
}

constexpr const char* manual =
    R"(Reads the event topics and keeps the tables up to date, a thread and a connection for each read model; each can as well
have a process of its own. Rows and position move in one transaction. The latest process to start has a read model for
itself: an earlier one notices at its next batch, rolls it back and steps down.

A decision that a read model can't digest is parked there, with all that follows of its aggregate, and everything else goes
on: see `kiroku parked`. A missing version halts the partition, never silently: see `kiroku status`.

Examples:
  kiroku project
  kiroku project leaderboard progress
)";

constexpr std::chrono::seconds watch_interval{2};
constexpr double ready_within_seconds = 30;  // of the end of the log

constexpr std::array measures{
    runtime::Measure{"kiroku_project_lag_events", "gauge", "Records that are not in the tables yet, fences included."},
    runtime::Measure{"kiroku_project_lag_seconds", "gauge", "How long the oldest of them has been in the log."},
    runtime::Measure{"kiroku_project_parked", "gauge", "Keys that wait because an event of theirs can't be digested."},
    runtime::Measure{"kiroku_project_halted", "gauge", "Partitions that are halted for the read model."},
    runtime::Measure{"kiroku_project_batches_total", "counter", "Batches that were written, a transaction each."},
    runtime::Measure{"kiroku_project_events_total", "counter", "Events in them."},
    runtime::Measure{"kiroku_project_write_seconds_total", "counter", "How long writing them took."},
    runtime::Measure{"kiroku_project_retries_total", "counter", "Batches that had to be written again."},
    runtime::Measure{"kiroku_project_in_doubt_total", "counter", "Of those: whether they were in had to be looked up."},
};

using Counts = std::map<std::string, projections::ProjectCounts>;  // by read model

constexpr double microseconds = 1e-6;

/// What it has done, which no server has to be asked about.
std::vector<runtime::Sample> work_of(const std::string& where, const projections::ProjectCounts& counts) {
    return {{"kiroku_project_batches_total", where, double(counts.batches)},
            {"kiroku_project_events_total", where, double(counts.events)},
            {"kiroku_project_write_seconds_total", where, double(counts.write_us) * microseconds},
            {"kiroku_project_retries_total", where, double(counts.retries)},
            {"kiroku_project_in_doubt_total", where, double(counts.in_doubt)}};
}

/// The servers don't say how far it is. It lives all the same.
void tell_unknown(const Counts& counts, runtime::Vitals& vitals) {
    for (const auto& [name, done] : counts) {
        vitals.tell(name, work_of(fmt::format(R"(read_model="{}")", name), done), "how far it is can't be told",
                    runtime::Vitals::Clock::now());
    }
}

void tell(const projections::ReadModelStatus& status, const Counts& counts, runtime::Vitals& vitals) {
    const auto where = fmt::format(R"(read_model="{}")", status.read_model);
    auto samples = work_of(where, counts.at(status.read_model));
    const auto halted = std::ranges::count_if(status.partitions, [](const auto& one) { return !one.halted.empty(); });
    std::string problem;
    if (halted > 0) problem = "partitions are halted: see `kiroku status`";
    if (status.lag_seconds > ready_within_seconds) problem = "it is behind";
    std::string remark;
    if (status.parked > 0)
        remark = fmt::format("{} keys are parked, their rows incomplete: see `kiroku parked list`", status.parked);
    samples.push_back({"kiroku_project_lag_events", where, double(status.lag_events)});
    samples.push_back({"kiroku_project_lag_seconds", where, status.lag_seconds});
    samples.push_back({"kiroku_project_parked", where, double(status.parked)});
    samples.push_back({"kiroku_project_halted", where, double(halted)});
    vitals.tell(status.read_model, std::move(samples), std::move(problem), runtime::Vitals::Clock::now(),
                std::move(remark));
}

/// Looks from outside, as `kiroku status` does, until it is told to stop. Servers that are away are waited for.
void watch(const projections::RunSettings& run, const Counts& counts, runtime::Vitals& vitals,
           const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any asleep;
    while (!stop.stop_requested()) {
        try {
            postgres::Connection connection{run.session};
            projections::LogProbe probe{run.bootstrap};
            std::unique_lock lock{mutex};
            do {
                const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
                for (const auto& status : projections::status_of(connection, probe, run.read_models, now))
                    tell(status, counts, vitals);
            } while (!asleep.wait_for(lock, stop, watch_interval, [] { return false; }) && !stop.stop_requested());
        } catch (const std::exception& error) {
            spdlog::debug("project: how far it is can't be told: {}", error.what());
            tell_unknown(counts, vitals);
            std::unique_lock lock{mutex};
            asleep.wait_for(lock, stop, watch_interval, [] { return false; });
        }
    }
}

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
        shutdown.end_within(drain_deadline);
        runtime::Vitals vitals{measures};
        const auto spans = exporter_of(settings.otlp, "project");
        watch_spans(spans.get(), vitals);
        const OperatorPort port{settings.metrics, vitals};
        Counts counts;
        for (const auto& model : run.read_models) run.watched[model.name] = {spans.get(), &counts[model.name]};
        std::jthread watching;
        if (settings.metrics.port != 0)
            watching = std::jthread{[&](const auto& stop) { watch(run, counts, vitals, stop); }};
        projections::run_projectors(run, shutdown.token());
        return Exit::ok;
    });
}

}  // namespace

void add_project(runtime::Program& program) {
    program.verb<ProjectSettings>({"project", "writes the read models", manual}, declare, run);
}

}  // namespace kiroku
