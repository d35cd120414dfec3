// tests/simulation/outcome.cpp: a run from outside: with which rule, and what came of it.
#include <fmt/format.h>

#include <map>

#include "tests/simulation/simulation.hpp"

namespace kiroku::sim {
namespace {

using commands::OwnerRule;

const std::map<std::string, void (*)(OwnerRule&)>& switches() {
    static const std::map<std::string, void (*)(OwnerRule&)> all{
        {"term", [](OwnerRule& rule) { rule.validity.term = false; }},
        {"sequence", [](OwnerRule& rule) { rule.validity.sequence = false; }},
        {"whole", [](OwnerRule& rule) { rule.validity.whole = false; }},
        {"proof", [](OwnerRule& rule) { rule.proof = false; }},
        {"order", [](OwnerRule& rule) { rule.order = false; }},
        {"recall", [](OwnerRule& rule) { rule.recall = false; }}};
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

OwnerRule rule_without(const std::string& part) {
    OwnerRule rule;
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
