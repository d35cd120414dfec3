// schemas/core/strong.hpp: values that look alike and must not be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace kiroku {

/// A `T` with a meaning of its own: no conversion in, none out, but through `value`.
template <class T, class Tag>
struct Strong {
    T value{};

    friend auto operator<=>(const Strong&, const Strong&) = default;
};

}  // namespace kiroku

template <class T, class Tag>
struct std::hash<kiroku::Strong<T, Tag>> {
    std::size_t operator()(const kiroku::Strong<T, Tag>& strong) const noexcept { return std::hash<T>{}(strong.value); }
};
