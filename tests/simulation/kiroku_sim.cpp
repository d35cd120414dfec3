// tests/simulation/kiroku_sim.cpp: the program `kiroku-sim`: many seeds, or one with all that happens in it.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/simulation/exhaustive.hpp"
#include "tests/simulation/simulation.hpp"

namespace kiroku::sim {
namespace {

constexpr int exit_violation = 1;

struct Options {
    std::uint64_t seeds = 2'000;
    std::uint64_t from = 1;
    std::uint64_t seed = 0;
    std::string without;
    Settings settings;
    bool search = false;
    bool json = false;
};

void add_options(CLI::App& app, Options& options) {
    app.description(
        "Runs deciders, askers and the log between them in one thread, with losses, delays, crashes, pauses and two\n"
        "owners at once drawn from a seed, and checks that no command is decided twice, nothing that was told is\n"
        "untrue, and all comes to rest. The same seed is the same history, on any machine.\n\n"
        "Exit code: 0 if nothing was violated, 1 if something was.");
    app.add_option("--seeds", options.seeds, "How many seeds to run")->capture_default_str();
    app.add_option("--from", options.from, "The first of them")->capture_default_str();
    app.add_option("--seed", options.seed, "Run this one alone and print what happens");
    app.add_option("--steps", options.settings.steps, "How much happens before all is healed")->capture_default_str();
    app.add_option("--without", options.without, "Switch off a part of the rule, to see that it is missed")
        ->check(CLI::IsMember(parts_of_the_rule()));
    app.add_flag("--search", options.search,
                 "Visit every state within small bounds instead, with and without each part");
    app.add_flag("--json", options.json, "Print the outcome as JSON");
}

int run_one(Options& options) {
    spdlog::set_level(spdlog::level::info);
    spdlog::set_pattern("       %v");
    options.settings.seed = options.seed;
    options.settings.tell = [](const std::string& line) { spdlog::default_logger_raw()->info(line); };
    const auto outcome = simulate(options.settings);
    fmt::print("{}\n", outcome.violation.empty() ? "nothing was violated" : "VIOLATED: " + outcome.violation);
    return outcome.violation.empty() ? 0 : exit_violation;
}

void show_progress(std::uint64_t done, std::uint64_t of) {
    constexpr std::uint64_t every = 50;
    if (::isatty(STDERR_FILENO) == 0 || (done % every != 0 && done != of)) return;
    fmt::print(stderr, "\r{} of {} seeds{}", done, of, done == of ? "\n" : "");
    std::fflush(stderr);
}

int run_many(Options& options) {
    Outcome sum;
    auto& seed = options.settings.seed;
    std::uint64_t done = 0;
    for (seed = options.from; done < options.seeds && sum.violation.empty(); ++seed) {
        sum += simulate(options.settings);
        show_progress(++done, options.seeds);
    }
    if (options.json) {
        fmt::print("{}\n", json_of(sum, done, seed - 1));
    } else {
        fmt::print(
            "{} seeds: {} commands, {} decisions, {} answers; {} fences, {} void records, {} crashes, {} losses\n",
            done, sum.commands, sum.decisions, sum.answers, sum.fences, sum.void_records, sum.crashes, sum.losses);
        if (!sum.violation.empty()) {
            fmt::print("VIOLATED by seed {0}: {1}\nto see it: kiroku-sim --seed {0}{2}{3}\n", seed - 1, sum.violation,
                       options.without.empty() ? "" : " --without ", options.without);
        }
    }
    return sum.violation.empty() ? 0 : exit_violation;
}

/// Whether the whole rule holds everywhere, and no part of it can be left out.
int run_search() {
    const auto whole = search({});
    fmt::print("the whole rule {} in {} states\n", whole.fault.empty() ? "holds" : "FAILS: " + whole.fault,
               whole.states);
    bool as_expected = whole.fault.empty();
    for (const auto& part : parts_of_the_search()) {
        const auto found = search(without(part));
        fmt::print("without {}: {}\n", part, found.fault.empty() ? "NOTHING IS MISSED" : found.fault);
        for (const auto& step : found.history) fmt::print("  {}\n", step);
        as_expected = as_expected && !found.fault.empty();
    }
    return as_expected ? 0 : exit_violation;
}

}  // namespace
}  // namespace kiroku::sim

int main(int argc, char** argv) {
    using namespace kiroku::sim;
    CLI::App app;
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    spdlog::set_level(spdlog::level::off);
    if (!options.without.empty()) options.settings.rule = rule_without(options.without);
    if (options.search) return run_search();
    return app.count("--seed") > 0 ? run_one(options) : run_many(options);
}
