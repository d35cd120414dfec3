// commands/decider/measures.hpp: what a decider measures, partition by partition.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "commands/decider/partition_owner.hpp"
#include "infra/runtime/vitals.hpp"

namespace kiroku::commands {

std::span<const runtime::Measure> decider_measures();

/// Why this partition isn't decided at the moment; empty if it is.
std::string problem_of(const PartitionOwner& owner);

/// Measures one partition again and again.
class PartitionMeasures {
public:
    /// `end`: where the command partition ends, as far as is known.
    std::vector<runtime::Sample> take(const PartitionOwner& owner, Offset end, Instant now);

private:
    [[nodiscard]] double oldest_seconds(const PartitionOwner& owner, Offset end, Instant now);

    Offset next_{0};
    Instant stuck_since_{};
};

}  // namespace kiroku::commands
