// infra/kiroku/status.cpp: kiroku status: how far each read model is.
#include "projections/engine/status.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/migrate.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using projections::ReadModelStatus;
using runtime::Exit;

struct StatusSettings {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> read_models;
    bool json = false;
};

void declare(runtime::Options& options, StatusSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("read-model", settings.read_models, "which to tell of; all if none is named");
    options.flag("json", settings.json, "as JSON, an array with an object for each read model");
}

constexpr const char* manual =
    R"(For each read model: how many records of the log are not in its tables yet, how long the oldest of them has been in the
log, how many keys are parked (see `kiroku parked`), and whether a partition is halted, and why. Ends with 1 if any is.

Examples:
  kiroku status
  kiroku status leaderboard --json | jq '.[0].lagSeconds'
)";

std::string as_text(const ReadModelStatus& status) {
    auto text = fmt::format("{:<20} {:>7} {:<16} {:>10} {:>12.1f} {:>7}\n", status.read_model, status.version,
                            status.state(), status.lag_events, status.lag_seconds, status.parked);
    for (const auto& one : status.partitions) {
        if (one.halted.empty()) continue;
        text += fmt::format("  {}/{} is halted before offset {}: {}\n", one.partition.context, one.partition.number,
                            one.next.value, one.halted);
    }
    return text;
}

std::string json_text(std::string_view text) {
    std::string out;
    json::write(out, text);
    return out;
}

std::string as_json(const ReadModelStatus& status) {
    std::string halted;
    for (const auto& one : status.partitions) {
        if (one.halted.empty()) continue;
        halted += fmt::format(R"({}{{"partition":"{}/{}","offset":{},"why":{}}})", halted.empty() ? "" : ",",
                              one.partition.context, one.partition.number, one.next.value, json_text(one.halted));
    }
    return fmt::format(
        R"({{"readModel":"{}","version":{},"position":"{}","lagEvents":{},"lagSeconds":{:.3f},"parked":{},"halted":[{}],"state":"{}"}})",
        status.read_model, status.version, status.position.text(), status.lag_events, status.lag_seconds, status.parked,
        halted, status.state());
}

Exit run(const StatusSettings& settings, runtime::Shutdown&) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        const auto models = read_models_named(settings.read_models);
        auto session = session_of(settings.database);
        session.read_only = true;
        postgres::Connection connection{session};
        projections::check_migrated(connection, models);
        projections::LogProbe probe{settings.broker.kafka};
        const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        bool halted = false;
        std::string out = settings.json ? "["
                                        : fmt::format("{:<20} {:>7} {:<16} {:>10} {:>12} {:>7}\n", "read model",
                                                      "version", "state", "lag events", "lag seconds", "parked");
        for (const auto& status : projections::status_of(connection, probe, models, now)) {
            halted = halted || status.state() == "halted" || status.parked > 0;
            if (settings.json && out.size() > 1) out += ',';
            out += settings.json ? as_json(status) : as_text(status);
        }
        if (settings.json) out += "]\n";
        std::fputs(out.c_str(), stdout);
        return halted ? Exit::check_failed : Exit::ok;
    });
}

}  // namespace

void add_status(runtime::Program& program) {
    program.verb<StatusSettings>({"status", "how far each read model is", manual}, declare, run);
}

}  // namespace kiroku
