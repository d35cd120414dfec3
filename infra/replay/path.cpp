#include "infra/replay/path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace kiroku::replay {
namespace {

constexpr std::array<std::string_view, attributes> names{"id",
                                                         "type",
                                                         "subject",
                                                         "time",
                                                         "actor",
                                                         "organization",
                                                         "correlationid",
                                                         "causationid",
                                                         "commandid",
                                                         "commandoffset",
                                                         "aggregateversion",
                                                         "traceparent",
                                                         "term",
                                                         "sequence",
                                                         "part",
                                                         "parts",
                                                         "data",
                                                         "aggregate",
                                                         "aggregateid",
                                                         "context",
                                                         "partition",
                                                         "offset",
                                                         "position"};
static_assert(!names.back().empty());

std::string in_lower_case(std::string_view name) {
    std::string lower{name};
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

Attribute take_attribute(Scanner& scanner) {
    const auto place = scanner.place();
    const auto name = scanner.take_name();
    if (name.empty()) scanner.expected("the name of an attribute");
    const auto found = std::ranges::find(names, in_lower_case(name));
    if (found == names.end())
        scanner.fail(place, fmt::format("`{}` is no attribute; there are {}", name, fmt::join(names, ", ")));
    return static_cast<Attribute>(found - names.begin());
}

Step take_bracket(Scanner& scanner) {
    Step step;
    if (auto key = scanner.take_string()) {
        step = std::move(*key);
    } else {
        const auto place = scanner.place();
        const auto digits = scanner.take_number();
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (digits.empty()) scanner.expected("a place in an array, from 0, or a name in quotes");
        if (error != std::errc{} || end != digits.data() + digits.size())
            scanner.fail(place, fmt::format("`{}` is no place in an array", digits));
        step = index;
    }
    if (!scanner.take("]")) scanner.expected("`]`");
    return step;
}

}  // namespace

std::span<const std::string_view> attribute_names() { return names; }

Path Path::take(Scanner& scanner) {
    Path path{.attribute = take_attribute(scanner), .steps = {}};
    for (;;) {
        const auto place = scanner.place();
        if (scanner.take("[")) {
            path.steps.push_back(take_bracket(scanner));
        } else if (scanner.take(".")) {
            const auto name = scanner.take_name();
            if (name.empty()) scanner.expected("a name");
            path.steps.emplace_back(std::string{name});
        } else {
            return path;
        }
        if (path.attribute != Attribute::data) scanner.fail(place, "only `data` has anything within");
    }
}

std::expected<Path, SyntaxError> Path::parse(std::string_view text) {
    Scanner scanner{text};
    try {
        auto path = take(scanner);
        if (!scanner.at_end()) scanner.expected("the end");
        return path;
    } catch (const SyntaxError& error) {
        return std::unexpected(error);
    }
}

}  // namespace kiroku::replay
