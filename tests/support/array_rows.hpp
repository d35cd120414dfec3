// tests/support/array_rows.hpp: the rows that a table hands to PostgreSQL, read back from its array parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infra/postgres/parameters.hpp"

namespace kiroku::test {

using Fields = std::vector<std::optional<std::string>>;

/// One `Fields` a row, of an array a column. Throws std::logic_error for what is no array.
std::vector<Fields> rows_of(const std::vector<postgres::Array>& columns);

}  // namespace kiroku::test
