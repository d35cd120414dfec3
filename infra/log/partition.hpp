// infra/log/partition.hpp: a partition of a context; its commands and events have the same number.
#pragma once

#include <compare>
#include <string>

namespace kiroku::log {

struct Partition {
    std::string context;
    int number = 0;

    friend auto operator<=>(const Partition&, const Partition&) = default;
};

}  // namespace kiroku::log
