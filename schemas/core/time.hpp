// schemas/core/time.hpp: when something happened, and on which day of somebody's calendar.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace kiroku {

/// A point in time, UTC, in milliseconds.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// A day of a calendar on a wall, without a zone.
using LocalDate = std::chrono::local_days;

/// RFC 3339 with any offset and 0 to 9 decimals (what is finer than a millisecond is cut off); years 0000 to 9999.
std::optional<Instant> parse_instant(std::string_view text);
/// `YYYY-MM-DD`, years 0000 to 9999.
std::optional<LocalDate> parse_date(std::string_view text);

/// `2026-03-06T12:00:00.000Z`, always in UTC and with three decimals. The year must be within 0000 to 9999.
std::string to_string(Instant instant);
void append(std::string& out, Instant instant);

/// `2026-03-06`. The year must be within 0000 to 9999.
std::string to_string(LocalDate date);
void append(std::string& out, LocalDate date);

}  // namespace kiroku
