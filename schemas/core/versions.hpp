// schemas/core/versions.hpp: the versions that a type has had, and the one that everybody sees: today's.
//
// Of an event or a command with several versions, `T` is the newest and `T::Before` the one before it. Between them
// stands an upcaster, written by hand in schemas/<context>/upcasts.hpp: a pure function `T upcast(const T::Before&)`.
#pragma once

#include <concepts>
#include <string_view>
#include <vector>

namespace kiroku::json {

/// Whether an older version can become the newer. The generated codecs insist on it.
template <class Old, class New>
concept Upcast = requires(const Old& old) {
    { upcast(old) } -> std::same_as<New>;
};

template <class T>
concept HasBefore = requires {
    typename T::Before;
};

/// Whether what was written as `type` is read as a T: its own type, or that of an older version.
template <class T>
constexpr bool reads_as(std::string_view type) {
    if (T::type == type) return true;
    if constexpr (HasBefore<T>)
        return reads_as<typename T::Before>(type);
    else
        return false;
}

/// What a T may have been written as: the newest first.
template <class T>
std::vector<std::string_view> types_of() {
    std::vector<std::string_view> types{T::type};
    if constexpr (HasBefore<T>) {
        const auto older = types_of<typename T::Before>();
        types.insert(types.end(), older.begin(), older.end());
    }
    return types;
}

/// The same for several types, one after the other.
template <class... T>
std::vector<std::string_view> types_of_all() {
    std::vector<std::string_view> all;
    const auto add = [&](const std::vector<std::string_view>& types) {
        all.insert(all.end(), types.begin(), types.end());
    };
    (add(types_of<T>()), ...);
    return all;
}

}  // namespace kiroku::json
