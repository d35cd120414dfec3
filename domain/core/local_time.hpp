// domain/core/local_time.hpp: which day it is for a person, wherever they are.
//
// Zones are those of the system's tzdata, by the date library, which reads its tables up to 2037. All functions may be
// called from any thread.
#pragma once

#include <optional>
#include <string_view>

#include "schemas/core/time.hpp"

namespace kiroku {

/// Whether `name` is a zone of the IANA database, exactly as spelled there: `Europe/Berlin`, also old names
/// (`US/Eastern`).
bool is_timezone(std::string_view name);

/// The date on a wall calendar in that zone at that instant; nothing if there is no such zone.
std::optional<LocalDate> local_date(Instant instant, std::string_view timezone);

/// The Monday of the day's ISO 8601 week: a key that says which week it is, without a thought about years.
LocalDate monday_of(LocalDate day);

}  // namespace kiroku
