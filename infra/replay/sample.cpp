#include "infra/replay/sample.hpp"

#include <algorithm>
#include <tuple>

namespace kiroku::replay {

void Sample::take(const Event& event) {
    const auto chance = chance_of(event.envelope.id);
    if (chosen_.size() == most_ && (most_ == 0 || chance >= chosen_.front().chance)) return;
    keep({chance, event.envelope.time, event.partition, event.offset, std::string{event.text}});
}

void Sample::keep(Chosen chosen) {
    chosen_.push_back(std::move(chosen));
    std::ranges::push_heap(chosen_, {}, &Chosen::chance);
    if (chosen_.size() <= most_) return;
    std::ranges::pop_heap(chosen_, {}, &Chosen::chance);
    chosen_.pop_back();
}

void Sample::add(Sample&& other) {
    for (auto& chosen : other.chosen_) keep(std::move(chosen));
    other.chosen_.clear();
}

std::vector<Sample::Chosen> Sample::in_order() && {
    std::ranges::sort(chosen_, {}, [](const Chosen& one) { return std::tie(one.time, one.partition, one.offset); });
    return std::move(chosen_);
}

}  // namespace kiroku::replay
