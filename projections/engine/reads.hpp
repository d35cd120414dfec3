// projections/engine/reads.hpp: which events a table is made from.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "projections/engine/event.hpp"
#include "projections/engine/table.hpp"

namespace kiroku::projections {

template <class... E>
struct Reads {
    using Any = std::variant<E...>;

    static std::vector<std::string_view> types() { return {E::type...}; }
    static bool names(std::string_view type) { return ((type == E::type) || ...); }
};

}  // namespace kiroku::projections
