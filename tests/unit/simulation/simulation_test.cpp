// tests/unit/simulation/simulation_test.cpp: what the simulation promises of itself. (`kiroku-sim` runs more of it.)
#include "tests/simulation/simulation.hpp"

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include "tests/simulation/exhaustive.hpp"

using namespace kiroku::sim;

namespace {

struct Silence {
    spdlog::level::level_enum before = spdlog::get_level();
    Silence() { spdlog::set_level(spdlog::level::off); }
    ~Silence() { spdlog::set_level(before); }
};

std::vector<std::string> history_of(std::uint64_t seed) {
    std::vector<std::string> history;
    Settings settings{.seed = seed};
    settings.tell = [&](const std::string& line) { history.push_back(line); };
    CHECK(simulate(settings).violation.empty());
    return history;
}

/// The seed that finds a violation without that part, of the number that are run before each landing.
std::uint64_t seed_that_misses(const std::string& part) {
    constexpr std::uint64_t most = 2'000;
    for (Settings settings{.seed = 1, .rule = rule_without(part)}; settings.seed <= most; ++settings.seed)
        if (!simulate(settings).violation.empty()) return settings.seed;
    return 0;
}

}  // namespace

TEST_SUITE("simulation") {
TEST_CASE("a seed is the same history every time, and another one is another") {
    const Silence silence;
    const auto history = history_of(7);
    CHECK(history.size() > 300);
    CHECK(history == history_of(7));
    CHECK(history != history_of(8));
}

TEST_CASE("every part of the rule is missed when it is switched off") {
    const Silence silence;
    for (const auto& part : parts_of_the_rule()) {
        CAPTURE(part);
        CHECK(seed_that_misses(part) != 0);
    }
}

TEST_CASE("all kinds of trouble happen, and nothing is violated") {
    const Silence silence;
    Outcome sum;
    for (Settings settings{.seed = 1'000'000}; settings.seed < 1'000'050; ++settings.seed) sum += simulate(settings);
    CHECK(sum.violation.empty());
    CHECK(sum.decisions > 1'000);
    CHECK(sum.answers > 300);
    CHECK(sum.void_records > 100);
    CHECK(sum.crashes > 100);
    CHECK(sum.losses > 100);
}

TEST_CASE("no state within small bounds breaks the rule, and without any part of it one does") {
    for (const auto& part : parts_of_the_search()) {
        CAPTURE(part);
        CHECK_FALSE(search(without(part)).fault.empty());
    }
}
}
