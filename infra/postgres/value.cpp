#include "infra/postgres/value.hpp"

#include <fmt/format.h>

namespace kiroku::postgres {

void unreadable(std::string_view sql_type, std::string_view text) {
    throw DatabaseError(fmt::format("a column that should hold {} holds \"{}\"", sql_type, text));
}

// "2026-03-06 12:00:00.5+00", or RFC 3339 as Kiroku writes it.
Instant Value<Instant>::read(std::string_view text) {
    std::string rfc3339{text};
    if (rfc3339.ends_with("+00")) rfc3339.replace(rfc3339.size() - 3, 3, "Z");
    if (rfc3339.size() > 10) rfc3339[10] = 'T';
    const auto instant = parse_instant(rfc3339);
    if (!instant) unreadable(sql, text);
    return *instant;
}

}  // namespace kiroku::postgres
