// projections/engine/row_difference.hpp: what exactly differs between rows of a table and those that the log gives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

/// A row that is not as it should be. Values are texts; "null" where there is no row, or none in the column.
struct Difference {
    std::string table;
    std::string key;     ///< "user_id=…"
    std::string column;  ///< empty: the whole row is missing, or too much
    std::string live;
    std::string folded;
};

using RowsByKey = std::map<std::string, TableFold::Texts>;

/// "user_id=…", or several with commas.
std::string key_of(const TableShape& shape, const TableFold::Texts& row);

/// Adds what differs in the first `most` differing rows; returns how many differ.
std::size_t compare_rows(const TableShape& shape, const RowsByKey& live, const RowsByKey& folded, std::size_t most,
                         std::vector<Difference>& differences);

}  // namespace kiroku::projections
