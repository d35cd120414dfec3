// projections/engine/keyset.hpp: where a page of a list ended, so that the next one begins behind it whatever came
// since.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::projections {

/// The last row shown: its time, and its id where times are equal.
struct Keyset {
    Instant at;
    Uuid id;

    /// Opaque to clients; it gives no right to anything, so it needs no signature.
    [[nodiscard]] std::string text() const;
    /// Nothing for anything but what `text()` gives.
    static std::optional<Keyset> parse(std::string_view text);

    friend bool operator==(const Keyset&, const Keyset&) = default;
};

inline std::optional<Instant> at_of(const std::optional<Keyset>& keyset) {
    return keyset ? std::optional{keyset->at} : std::nullopt;
}
inline std::optional<Uuid> id_of(const std::optional<Keyset>& keyset) {
    return keyset ? std::optional{keyset->id} : std::nullopt;
}

/// What comes behind it in descending order is less than this row value, made from `at_of` as $2 and `id_of` as $3.
inline constexpr std::string_view before_keyset =
    "(coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))";

template <class Row>
struct Page {
    std::vector<Row> rows;
    std::optional<Keyset> next;  ///< nothing behind the last row
    bool incomplete = false;     ///< rows are missing, because their aggregate is parked (parked.hpp)
};

/// A page of `limit` from rows that were asked for with one more than that.
template <class Row, class Id>
Page<Row> page_of(std::vector<Row> rows, int limit, Instant Row::*at, Id Row::*id) {
    if (static_cast<int>(rows.size()) <= limit) return {std::move(rows), std::nullopt, false};
    rows.resize(static_cast<std::size_t>(limit));
    const Keyset last{rows.back().*at, (rows.back().*id).value};
    return {std::move(rows), last, false};
}

}  // namespace kiroku::projections
