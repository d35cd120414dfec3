// tests/simulation/rest.cpp: how a simulation ends: without trouble all comes to rest, and then everything must be
// right.
#include <fmt/format.h>

#include "tests/simulation/simulation.hpp"

namespace kiroku::sim {
namespace {

using namespace std::chrono_literals;

constexpr int rounds_to_rest = 300;

}  // namespace

void Simulation::heal() {
    note("all is healed");
    for (int number = 0; number < static_cast<int>(deciders_.size()); ++number) {
        auto& decider = deciders_[static_cast<std::size_t>(number)];
        decider.assign(number < partitions ? std::set{number} : std::set<int>{});
        if (!decider.lives()) decider.start();
        decider.go_on();
        decider.set_clock({});
    }
    for (auto& reactor : reactors_)
        if (!reactor.lives()) reactor.start();
    trouble_at_database_ = false;
    for (auto& projector : projectors_) projector.crash();
    start_projector(0);
    surroundings_.now += usual_patience;
    for (auto& asker : askers_) asker->give_up(surroundings_.now);
}

void Simulation::settle_once() {
    while (!commands_.empty()) command_arrives();
    for (auto& decider : deciders_) decider.work_off();
    for (auto& reactor : reactors_) {
        for (int number = 0; number < partitions; ++number) reactor.step(number, 1'000'000);
    }
    if (projectors_.front().step(1'000'000)) throw Violation("a projector is fenced off by nobody");
    int lane = 0;
    while (some_session_with_records(lane) != nullptr) event_arrives();
    while (!surroundings_.replies.empty()) reply_arrives();
    for (auto& asker : askers_) {
        for (int number = 0; number < partitions && asker->reads_log(); ++number)
            asker->read(surroundings_.topics.events, number, 1'000'000);
    }
}

void Simulation::come_to_rest() {
    const auto at_rest = [&] {
        return std::ranges::all_of(deciders_, &DecidingProcess::idle) &&
               std::ranges::all_of(reactors_, &ReactingProcess::idle) && projectors_.front().idle() &&
               commands_.empty() && surroundings_.replies.empty();
    };
    for (int round = 0; round < rounds_to_rest; ++round) {
        settle_once();
        if (at_rest()) return;
    }
    std::string phases;
    for (const auto& decider : deciders_) phases += decider.phases();
    throw Violation("it doesn't come to rest: " + phases);
}

void Simulation::check() {
    const auto first = attempts_.size();
    for (const auto& [counter, partition] : counters_)
        send({CommandId{uuid_v5({}, fmt::format("last {}", attempts_.size()))}, counter, partition, 1}, 1h);
    come_to_rest();
    for (auto probe = first; probe < attempts_.size(); ++probe) {
        // The reply may be lost even now; asked again, it is told.
        while (!attempts_[probe].answered) {
            const auto again = send(attempts_[probe].intent, 1h);
            come_to_rest();
            attempts_[probe].answered = attempts_[again].answered;
        }
    }
    oracle_.check_reactions();
    oracle_.check_tables(server_);
    oracle_.check_again(context_, surroundings_.topics);
    for (auto& decider : deciders_) {
        for (const int partition : decider.assigned())
            oracle_.check_store(commands::DecisionStore{decider.disk(), {context_name, partition}}, partition);
    }
}

Outcome Simulation::outcome() const {
    std::size_t commands = 0;
    for (int number = 0; number < partitions; ++number)
        commands += static_cast<std::size_t>(surroundings_.topics.commands.size(number));
    return {.violation = {},
            .commands = commands,
            .decisions = oracle_.facts(),
            .answers = answers_,
            .fences = oracle_.fences(),
            .void_records = oracle_.void_records(),
            .crashes = crashes_,
            .losses = losses_};
}

}  // namespace kiroku::sim
