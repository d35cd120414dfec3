// tests/simulation/outcome.cpp: a run from outside: with which rule, and what came of it.
#include <fmt/format.h>

#include <map>

#include "tests/simulation/simulation.hpp"

namespace kiroku::sim {
namespace {

const std::map<std::string, void (*)(Rule&)>& switches() {
    static const std::map<std::string, void (*)(Rule&)> all{
        {"term", [](Rule& rule) { rule.owner.validity.term = false; }},
        {"sequence", [](Rule& rule) { rule.owner.validity.sequence = false; }},
        {"whole", [](Rule& rule) { rule.owner.validity.whole = false; }},
        {"proof", [](Rule& rule) { rule.owner.proof = false; }},
        {"order", [](Rule& rule) { rule.owner.order = false; }},
        {"recall", [](Rule& rule) { rule.owner.recall = false; }},
        {"fence-time", [](Rule& rule) { rule.owner.fence_time = false; }},
        {"compare-and-set", [](Rule& rule) { rule.compare_and_set = false; }}};
    return all;
}

}  // namespace

Outcome& Outcome::operator+=(const Outcome& other) {
    if (violation.empty()) violation = other.violation;
    commands += other.commands;
    decisions += other.decisions;
    answers += other.answers;
    fences += other.fences;
    void_records += other.void_records;
    crashes += other.crashes;
    losses += other.losses;
    return *this;
}

Outcome simulate(const Settings& settings) {
    Simulation simulation{settings};
    std::string violation;
    try {
        simulation.run();
    } catch (const Violation& found) {
        violation = found.what();
    }
    auto outcome = simulation.outcome();
    outcome.violation = std::move(violation);
    return outcome;
}

std::vector<std::string> parts_of_the_rule() {
    std::vector<std::string> names;
    for (const auto& [name, change] : switches()) names.push_back(name);
    return names;
}

Rule rule_without(const std::string& part) {
    Rule rule;
    switches().at(part)(rule);
    return rule;
}

std::string json_of(const Outcome& outcome, std::uint64_t seeds, std::uint64_t last_seed) {
    return fmt::format(
        R"({{"seeds":{},"commands":{},"decisions":{},"answers":{},"fences":{},"voidRecords":{},"crashes":{},"losses":{},)"
        R"("violation":{}}})",
        seeds, outcome.commands, outcome.decisions, outcome.answers, outcome.fences, outcome.void_records,
        outcome.crashes, outcome.losses,
        outcome.violation.empty() ? "null" : fmt::format(R"({{"seed":{},"what":"{}"}})", last_seed, outcome.violation));
}

}  // namespace kiroku::sim
