// projections/engine/table_sql.hpp: the SQL that follows from a table's shape.
#pragma once

#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "projections/engine/table.hpp"

namespace kiroku::projections {

/// CREATE TABLE with its key, constraints and indexes. `appends`: its rows never change.
std::string create_table(const TableShape& shape, bool appends);

/// The same in steps: first a table that takes rows fast, then what it needs to be asked.
std::string create_bare_table(const TableShape& shape, bool appends);
std::string add_key(const TableShape& shape);

/// Named as PostgreSQL would name it, so that tables have the same ones however they were made.
struct IndexSql {
    std::string name;
    std::string create;
};
/// Those that aren't the key's.
std::vector<IndexSql> indexes_of(const TableShape& shape);

/// The key in two steps: an index, which can be made while others are, then the constraint from it.
IndexSql index_of_key(const TableShape& shape);
std::string add_key_from_index(const TableShape& shape);

/// The rows of many keys: a parameter, an array, for each column of the key.
postgres::Statement select_by_keys(const TableShape& shape);

/// Many rows at once: a parameter, an array, for each column. `replace`: rows that are there already take the new
/// values.
postgres::Statement insert_rows(const TableShape& shape, bool replace);

/// What `insert_rows` does with `replace`, of the rows of another table with the same columns.
std::string upsert_from(const std::string& table, const TableShape& shape);

}  // namespace kiroku::projections
