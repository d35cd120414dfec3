// projections/engine/version_watch.hpp: notices an event that should be there and is not.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "infra/log/partition_reader.hpp"

namespace kiroku::projections {

/// Follows the versions of the aggregates in the partitions of one pass: each event must be its aggregate's next one.
/// Knows a bounded number of aggregates, those seen latest; of any other, every version is believed.
class VersionWatch {
public:
    static constexpr std::size_t most_aggregates = 50'000;  ///< in either of two generations

    /// What is wrong, or an empty text.
    std::string see(const log::Envelope& event);

private:
    std::int64_t& known(const log::Envelope& event);

    using Versions = std::unordered_map<std::uint64_t, std::int64_t>;  // by a hash of context, aggregate and id
    Versions recent_;
    Versions older_;
};

}  // namespace kiroku::projections
