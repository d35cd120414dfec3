#include "projections/engine/table.hpp"

#include <algorithm>

namespace kiroku::projections {

std::string TableShape::column_list() const {
    std::string list;
    for (const auto& column : columns) list += (list.empty() ? "" : ", ") + column.name;
    return list;
}

int TableShape::key_columns() const {
    return static_cast<int>(std::ranges::count(columns, true, &ColumnShape::is_key));
}

}  // namespace kiroku::projections
