// infra/replay/moment.hpp: since when, and until when: a time, or a place in the log.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "infra/log/position.hpp"
#include "schemas/core/time.hpp"

namespace kiroku::replay {

using Moment = std::variant<Instant, log::Position>;

/// `2026-03-06T12:00:00Z` (any offset), `2026-03-06` (midnight, UTC), `2h`, `1d12h` (so long before `now`; w, d, h, m,
/// s) or a position as Kiroku gives them. The error says what was expected.
std::expected<Moment, std::string> parse_moment(std::string_view text, Instant now);

/// What is asked for: from `since` on, itself included; before the time `until`, or up to the position `until`, its
/// last records included. A position says nothing about the partitions that it doesn't name: they are read from their
/// beginning, or to their present end; what it says about contexts that aren't read doesn't matter.
struct Period {
    std::optional<Moment> since{}, until{};
};

}  // namespace kiroku::replay
