// infra/postgres/parameters.hpp: the values that a statement is run with.
#pragma once

#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/value.hpp"

namespace kiroku::postgres {

/// Builds one array parameter: what PostgreSQL reads as `uuid[]`, `text[]` …
class Array {
public:
    void add(std::string_view element);
    void add_null();

    [[nodiscard]] int size() const { return size_; }
    [[nodiscard]] std::string text() const { return text_ + '}'; }

private:
    void next() {
        if (size_++ > 0) text_ += ',';
    }
    std::string text_ = "{";
    int size_ = 0;
};

/// An array of values: `array_of(users)` for `= ANY($1)`.
template <std::ranges::input_range Values>
Array array_of(const Values& values) {
    Array array;
    std::string text;
    for (const auto& value : values) {
        text.clear();
        Value<std::remove_cvref_t<decltype(value)>>::write(text, value);
        array.add(text);
    }
    return array;
}

/// In the order of `$1`, `$2` …; nothing is null.
using Parameters = std::vector<std::optional<std::string>>;

template <class T>
std::optional<std::string> parameter(const T& value) {
    if constexpr (std::same_as<T, Array>) {
        return value.text();
    } else if constexpr (std::convertible_to<T, std::string_view>) {
        return std::string{std::string_view{value}};
    } else if constexpr (requires { value.has_value(); }) {
        return value ? parameter(*value) : std::nullopt;
    } else {
        std::string text;
        Value<T>::write(text, value);
        return text;
    }
}

template <class... T>
Parameters parameters(const T&... values) {
    return {parameter(values)...};
}

}  // namespace kiroku::postgres
