// gateway/core/fields.cpp: a request's header, in one allocation.
#include "gateway/core/fields.hpp"

#include <algorithm>
#include <cstdint>

namespace kiroku::gateway {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::size_t usual_bytes = 1024;
constexpr std::size_t usual_fields = 16;

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

void Fields::add(std::string_view name, std::string_view value) {
    if (spans_.empty()) {
        text_.reserve(usual_bytes);
        spans_.reserve(usual_fields);
    }
    spans_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
    text_.append(name).append(value);
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
    for (const Span& span : spans_) {
        if (equal_ignoring_case(name_of(span), name)) return value_of(span);
    }
    return std::nullopt;
}

int Fields::count(std::string_view name) const {
    return static_cast<int>(
        std::ranges::count_if(spans_, [&](const Span& span) { return equal_ignoring_case(name_of(span), name); }));
}

}  // namespace kiroku::gateway
