// infra/replay/ranges.hpp: which part of which partitions is to be read.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "infra/log/event_reader.hpp"
#include "infra/replay/moment.hpp"

namespace kiroku::replay {

/// A part of a partition. Its events lie from `first` to before `end`.
struct Range {
    log::Partition partition;
    log::Cursor from;  ///< at or before `first`, where the term in force is known
    Offset first;
    Offset end;                    ///< not behind `present_end`
    Offset present_end;            ///< of the partition, when this was made
    std::optional<Instant> until;  ///< nothing recorded at this time or later is meant
};

/// Where the reading of a partition goes on: nothing before `first` is meant.
struct Rest {
    log::Partition partition;
    Offset first;
    log::Cursor from;  ///< at or before `first`

    friend bool operator==(const Rest&, const Rest&) = default;
};

/// A position speaks of a partition that a context which is read doesn't have.
struct UnknownPartition : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A partition's times are those at which its commands reached the broker: they go back only if a broker with another
/// clock takes over. Beyond so much nothing earlier is looked for.
inline constexpr std::chrono::minutes clocks_differ{10};

/// The partitions of these contexts, or only those where this aggregate's events lie. Throws BrokerError,
/// UnknownPartition.
std::vector<Range> ranges_of(const std::string& bootstrap, std::span<const std::string> contexts, const Period& period,
                             const std::optional<Uuid>& aggregate);

/// The rest of what was read before, up to the period's end; nothing is searched for.
std::vector<Range> ranges_of(const std::string& bootstrap, std::span<const Rest> rest, const Period& period);

}  // namespace kiroku::replay
