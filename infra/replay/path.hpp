// infra/replay/path.hpp: names a value in an event: `type`, `correlationId`, `data.items[0].name`.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "infra/replay/scanner.hpp"

namespace kiroku::replay {

/// The attributes that can be named; upper and lower case are one. Numbers that CloudEvents writes as texts are
/// numbers.
enum class Attribute {
    id,
    type,
    subject,
    time,
    actor,
    organization,
    correlationid,
    causationid,
    commandid,
    commandoffset,
    aggregateversion,
    traceparent,
    term,
    sequence,
    part,
    parts,
    data,
    aggregate,    ///< "learner"
    aggregateid,  ///< what follows in `subject`
    context,      ///< "gamification"
    partition,
    offset,
    position,  ///< "gamification/3@123"
};

inline constexpr std::size_t attributes = static_cast<std::size_t>(Attribute::position) + 1;

/// As they are typed, in the enumerators' order.
std::span<const std::string_view> attribute_names();

/// Into an object, or into an array.
using Step = std::variant<std::string, std::size_t>;

struct Path {
    Attribute attribute{};
    std::vector<Step> steps;  ///< within data

    /// The next thing in the text, which must be one. Throws SyntaxError.
    static Path take(Scanner& scanner);

    /// The whole text.
    static std::expected<Path, SyntaxError> parse(std::string_view text);
};

}  // namespace kiroku::replay
