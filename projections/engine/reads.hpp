// projections/engine/reads.hpp: which events a table is made from.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "projections/engine/event.hpp"
#include "projections/engine/table.hpp"
#include "schemas/core/versions.hpp"

namespace kiroku::projections {

template <class... E>
struct Reads {
    using Any = std::variant<E...>;

    /// All that they may have been written as: older versions are upcast.
    static std::vector<std::string_view> types() { return json::types_of_all<E...>(); }
    static bool names(std::string_view type) { return (json::reads_as<E>(type) || ...); }
};

}  // namespace kiroku::projections
