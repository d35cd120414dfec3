// gateway/realtime/partitions.cpp: the partitions that the gateway follows, numbered.
#include "gateway/realtime/partitions.hpp"

#include <algorithm>

#include "infra/kafka/record.hpp"

namespace kiroku::gateway::realtime {

Partitions::Partitions(std::vector<log::Partition> all) : all_(std::move(all)) { std::ranges::sort(all_); }

Slot Partitions::slot(const log::Partition& partition) const {
    return static_cast<Slot>(std::ranges::lower_bound(all_, partition) - all_.begin());
}

std::vector<Slot> Partitions::of(std::string_view context) const {
    std::vector<Slot> slots;
    for (Slot slot = 0; slot < all_.size(); ++slot) {
        if (all_[slot].context == context) slots.push_back(slot);
    }
    return slots;
}

Slot Partitions::of(std::string_view context, const Uuid& aggregate) const {
    const auto slots = of(context);
    return slots[static_cast<std::size_t>(kafka::partition_of(to_string(aggregate), static_cast<int>(slots.size())))];
}

}  // namespace kiroku::gateway::realtime
