// gateway/realtime/partitions.hpp: the partitions that the gateway follows, numbered.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "infra/log/event_reader.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::gateway::realtime {

/// A partition's number in `Partitions`: short to keep with each event, and an index into what is kept per partition.
using Slot = std::uint16_t;

/// Immutable; the same order on every gateway, as it follows from the topics alone.
class Partitions {
public:
    Partitions() = default;
    explicit Partitions(std::vector<log::Partition> all);

    [[nodiscard]] std::size_t size() const { return all_.size(); }
    [[nodiscard]] const log::Partition& operator[](Slot slot) const { return all_[slot]; }

    /// The partition must be one of these.
    [[nodiscard]] Slot slot(const log::Partition& partition) const;

    /// All of a context's, ascending.
    [[nodiscard]] std::vector<Slot> of(std::string_view context) const;

    /// Where a context keeps the events of this aggregate; the context must be followed.
    [[nodiscard]] Slot of(std::string_view context, const Uuid& aggregate) const;

private:
    std::vector<log::Partition> all_;  // sorted
};

}  // namespace kiroku::gateway::realtime
