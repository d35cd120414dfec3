// projections/engine/shown.hpp: rows for whoever reads them, who is told when something is missing in them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infra/postgres/read.hpp"
#include "projections/engine/table.hpp"

namespace kiroku::projections {

/// A row, and whether it lacks events because its aggregate is parked (parked.hpp).
template <class Row>
struct Shown : Row {
    bool incomplete = false;

    bool operator==(const Shown&) const = default;
};

/// An SQL condition: whether decisions of this aggregate are missing in the read model. `aggregate` is SQL, too.
std::string is_parked(std::string_view read_model, std::string_view aggregate);

/// Those of the aggregates that are parked: for rows that aren't there at all.
std::vector<Uuid> parked_among(postgres::Read& read, const std::string& read_model, std::span<const Uuid> aggregates);

/// As `Table::select`, for `shown_rows`. `aggregate`: SQL for whose row it is.
template <class Row>
std::string select_shown(const Table<Row>& table, std::string_view read_model, std::string_view aggregate,
                         std::string_view rest) {
    return "SELECT " + table.shape().column_list() + ", " + is_parked(read_model, aggregate) + " FROM " +
           table.shape().name + ' ' + std::string{rest};
}

template <class Row>
std::vector<Shown<Row>> shown_rows(const Table<Row>& table, const postgres::Rows& found) {
    const auto mark = static_cast<int>(table.columns().size());
    std::vector<Shown<Row>> rows;
    rows.reserve(static_cast<std::size_t>(found.size()));
    for (const auto& one : found) rows.push_back({table.row(one), one.template get<bool>(mark)});
    return rows;
}

}  // namespace kiroku::projections
