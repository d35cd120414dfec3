#include "projections/engine/intake.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kiroku::projections {

void Intake::take(const Chunk& chunk, const Step& step) {
    if (step.events == 0) return;
    const Events events{chunk.events_of(step), step.events};
    if (!concerns(events)) return;
    if (is_parked({step.partition.context, events.front().aggregate})) return park(step.partition, events, "");
    if (!step.refused.empty()) return park(step.partition, events, step.refused);
    const auto refused = refused_.find({step.partition, events.front().offset});
    auto why = refused == refused_.end() ? take_all(events) : refused->second;
    if (!why.empty()) park(step.partition, events, std::move(why));
}

void Intake::refuse(const Chunk& chunk, const Step& step, const std::string& why) {
    refused_[{step.partition, chunk.events_of(step)->offset}] = "value_refused: " + why;
}

bool Intake::concerns(Events events) const {
    return std::ranges::any_of(events, [&](const Event& event) {
        return std::ranges::any_of(tables_, [&](const auto& table) { return table->reads(event.type); });
    });
}

/// Why not: then nothing of it was taken.
std::string Intake::take_all(Events events) {
    std::vector<std::size_t> marks;
    for (const auto& table : tables_) marks.push_back(table->taken());
    try {
        for (const auto& event : events) {
            for (const auto& table : tables_) table->take(event);
        }
        return {};
    } catch (const Indigestible& error) {
        for (std::size_t number = 0; number < tables_.size(); ++number) tables_[number]->take_back(marks[number]);
        return fmt::format("indigestible_event: {}", error.what());
    }
}

void Intake::park(const log::Partition& partition, Events events, std::string reason) {
    fresh_.push_back(
        {partition, events.front().offset, events.back().offset, events.front().aggregate, std::move(reason)});
    new_.insert({partition.context, events.front().aggregate});
}

void Intake::settle() {
    stored_.merge(new_);
    new_.clear();
    fresh_.clear();
    refused_.clear();
}

void Intake::forget() {
    new_.clear();
    fresh_.clear();
}

}  // namespace kiroku::projections
