// projections/engine/keyset.hpp: where a page of a list ended, so that the next one begins behind it whatever came
// since.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::projections {

enum class Order : std::uint8_t { latest_first, earliest_first };

/// The last row shown: its time, and its id where times are equal.
struct Keyset {
    Instant at;
    Uuid id;

    /// Whoever gives it out signs it.
    [[nodiscard]] std::string text() const;
    /// Nothing for anything but what `text()` gives.
    static std::optional<Keyset> parse(std::string_view text);

    friend bool operator==(const Keyset&, const Keyset&) = default;
};

/// Which rows of a list are wanted.
struct Cut {
    std::optional<Keyset> after;  ///< nothing: from the first one on
    int limit = 20;
    Order order = Order::latest_first;
};

inline std::optional<Instant> at_of(const std::optional<Keyset>& keyset) {
    return keyset ? std::optional{keyset->at} : std::nullopt;
}
inline std::optional<Uuid> id_of(const std::optional<Keyset>& keyset) {
    return keyset ? std::optional{keyset->id} : std::nullopt;
}

/// How a query says that it goes on behind a keyset, in the order that it shows rows in.
struct OrderSql {
    std::string_view name;                ///< of a statement's variant
    std::string_view beyond;              ///< compares a row with the keyset
    std::string_view order;               ///< behind each column of ORDER BY
    std::string_view first_at, first_id;  ///< in place of a keyset: before all rows
};
const OrderSql& sql_of(Order order);

template <class Row>
struct Page {
    std::vector<Row> rows;
    std::optional<Keyset> next;  ///< nothing behind the last row
    bool incomplete = false;     ///< rows are missing, because their aggregate is parked (parked.hpp)
};

/// A page of `limit` from rows that were asked for with one more than that.
template <class Row, class From, class Id>
Page<Row> page_of(std::vector<Row> rows, int limit, Instant From::*at, Id From::*id) {
    if (static_cast<int>(rows.size()) <= limit) return {std::move(rows), std::nullopt, false};
    rows.resize(static_cast<std::size_t>(limit));
    const Keyset last{rows.back().*at, (rows.back().*id).value};
    return {std::move(rows), last, false};
}

}  // namespace kiroku::projections
