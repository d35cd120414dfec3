// gateway/core/route.cpp: what a route's query may hold.
#include "gateway/core/route.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace kiroku::gateway {
namespace {

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Empty: nothing is wrong.
std::string flaw_of(std::string_view value, const Parameter& parameter) {
    switch (parameter.kind) {
        case Parameter::Kind::integer: {
            const auto number = whole_number(value);
            if (number && *number >= parameter.least && *number <= parameter.most) return "";
            return fmt::format("must be a number from {} to {}", parameter.least, parameter.most);
        }
        case Parameter::Kind::choice:
            if (std::ranges::find(parameter.choices, value) != parameter.choices.end()) return "";
            return fmt::format("must be one of {}", fmt::join(parameter.choices, ", "));
        case Parameter::Kind::text:
            if (!value.empty() && value.size() <= static_cast<std::size_t>(parameter.most)) return "";
            return fmt::format("must have 1 to {} bytes", parameter.most);
    }
    return "";
}

}  // namespace

Parameter integer(std::string_view name, int least, int most, std::string_view meaning) {
    return {.name = name, .kind = Parameter::Kind::integer, .least = least, .most = most, .meaning = meaning};
}

Parameter choice(std::string_view name, std::vector<std::string_view> choices, std::string_view meaning) {
    return {.name = name, .kind = Parameter::Kind::choice, .choices = std::move(choices), .meaning = meaning};
}

Parameter text(std::string_view name, int most_bytes, std::string_view meaning) {
    return {.name = name, .kind = Parameter::Kind::text, .most = most_bytes, .meaning = meaning};
}

std::optional<Problem> refuse(const Query& query, const std::vector<Parameter>& known) {
    for (const auto& [name, value] : query.all()) {
        const auto parameter = std::ranges::find(known, name, &Parameter::name);
        if (parameter == known.end()) {
            return Problem{CoreRefusal::unknown_parameter, culprit("parameter", name, "is not known here")};
        }
        const std::string flaw = flaw_of(value, *parameter);
        if (!flaw.empty()) return Problem{CoreRefusal::invalid_parameter, culprit("parameter", name, flaw)};
    }
    return std::nullopt;
}

RateClass rate_class_of(Method method, Permission permission) {
    const bool reads = method == Method::get || method == Method::head;
    if (permission == Permission::open) return reads ? RateClass::unlimited : RateClass::auth;
    return reads ? RateClass::read : RateClass::command;
}

int Request::number(std::string_view parameter, int otherwise) const {
    const auto sent = target.query.find(parameter);
    return sent ? whole_number(*sent).value_or(otherwise) : otherwise;
}

}  // namespace kiroku::gateway
