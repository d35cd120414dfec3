// infra/kiroku/verify.cpp: kiroku verify: whether the tables are what the log says.
#include "projections/engine/verify.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "infra/kiroku/read_models.hpp"
#include "infra/kiroku/verb.hpp"
#include "projections/engine/migrate.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using projections::Difference;
using projections::Verdict;
using runtime::Exit;

struct VerifySettings {
    runtime::Broker broker;
    runtime::Database database;
    std::vector<std::string> read_models;
    std::size_t most_shown = 10;
    double sample = 1;
    bool json = false;
};

void declare(runtime::Options& options, VerifySettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.database);
    options.words("read-model", settings.read_models, "which to verify; all if none is named");
    options.add("most-shown", settings.most_shown, "differing rows to show of each table")
        ->check(CLI::Range(0, 10'000));
    options.add("sample", settings.sample, "compare only this share of the keys, as in 0.05; always the same ones")
        ->check(CLI::Range(0.001, 1.0));
    options.flag("json", settings.json, "as JSON, an array with an object for each read model");
}

constexpr const char* manual =
    R"(Folds the log anew, in memory, up to where each read model's tables are, and compares within one snapshot of the database:
a hash for each of 4,096 ranges of keys, then, where hashes differ, row by row. The system may run on meanwhile. Prints what
differs, with both values; ends with 1 if anything does.

Examples:
  kiroku verify
  kiroku verify progress leaderboard --json
  kiroku verify xp_history --sample 0.05
)";

std::string as_text(const Verdict& verdict) {
    auto text =
        fmt::format("{:<20} {:>9} events {:>9} rows  {}\n", verdict.read_model, verdict.events, verdict.rows,
                    verdict.holds() ? "as the log says" : fmt::format("{} ROWS DIFFER", verdict.differing_rows));
    for (const auto& one : verdict.differences) {
        text += fmt::format("  {} {} {}: {} in the table, {} by the log\n", one.table, one.key,
                            one.column.empty() ? "row" : one.column, one.live, one.folded);
    }
    return text;
}

void member(std::string& out, std::string_view name, std::string_view value) {
    if (!out.ends_with('{')) out += ',';
    json::write(out, name);
    out += ':';
    json::write(out, value);
}

std::string as_json(const Difference& one) {
    std::string out = "{";
    member(out, "table", one.table);
    member(out, "key", one.key);
    member(out, "column", one.column);
    member(out, "live", one.live);
    member(out, "folded", one.folded);
    return out + '}';
}

std::string as_json(const Verdict& verdict) {
    std::string differences;
    for (const auto& one : verdict.differences) differences += (differences.empty() ? "" : ",") + as_json(one);
    return fmt::format(
        R"({{"readModel":"{}","position":"{}","events":{},"rows":{},"differingRows":{},"differences":[{}],"holds":{}}})",
        verdict.read_model, verdict.position.text(), verdict.events, verdict.rows, verdict.differing_rows, differences,
        verdict.holds());
}

Exit run(const VerifySettings& settings, runtime::Shutdown&) {
    runtime::check_given(settings.broker);
    runtime::check_given(settings.database);
    return with_database_remedies([&] {
        const auto models = read_models_named(settings.read_models);
        const auto session = session_of(settings.database);
        postgres::Connection connection{session};
        projections::check_migrated(connection, models);
        bool holds = true;
        std::string out = settings.json ? "[" : "";
        for (const auto& verdict : projections::verify({.bootstrap = settings.broker.kafka,
                                   .session = session,
                                   .read_models = models,
                                   .most_shown = settings.most_shown,
                                   .sample = settings.sample})) {
            holds = holds && verdict.holds();
            if (settings.json && out.size() > 1) out += ',';
            out += settings.json ? as_json(verdict) : as_text(verdict);
        }
        if (settings.json) out += "]\n";
        std::fputs(out.c_str(), stdout);
        return holds ? Exit::ok : Exit::check_failed;
    });
}

}  // namespace

void add_verify(runtime::Program& program) {
    program.verb<VerifySettings>({"verify", "compares the read models with the log", manual}, declare, run);
}

}  // namespace kiroku
