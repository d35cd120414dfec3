#include "projections/engine/table_sql.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiroku::projections {
namespace {

constexpr int full = 100;             // percent of a page that inserts fill
constexpr int room_for_updates = 80;  // so that a row's next version finds its place beside it, without index work

std::vector<std::string> names(const TableShape& shape, bool keys_only) {
    std::vector<std::string> found;
    for (const auto& column : shape.columns) {
        if (column.is_key || !keys_only) found.push_back(column.name);
    }
    return found;
}

/// "unnest($1::uuid[], $2::text[])"
std::string unnest(const TableShape& shape, bool keys_only) {
    std::vector<std::string> arrays;
    for (const auto& column : shape.columns) {
        if (column.is_key || !keys_only) arrays.push_back(fmt::format("${}::{}[]", arrays.size() + 1, column.sql));
    }
    return fmt::format("unnest({})", fmt::join(arrays, ", "));
}

std::string definition(const ColumnShape& column) {
    return fmt::format("{} {}{}{}{}", column.name, column.sql, column.nullable ? "" : " NOT NULL",
                       column.check.empty() ? "" : " ", column.check);
}

}  // namespace

std::string create_table(const TableShape& shape, bool appends) {
    std::vector<std::string> lines;
    for (const auto& column : shape.columns) lines.push_back(definition(column));
    lines.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(names(shape, true), ", ")));
    auto sql = fmt::format("CREATE TABLE {} (\n  {}\n) WITH (fillfactor = {});\n", shape.name,
                           fmt::join(lines, ",\n  "), appends ? full : room_for_updates);
    for (const auto& index : shape.indexes) sql += fmt::format("CREATE INDEX ON {} ({});\n", shape.name, index);
    return sql;
}

postgres::Statement select_by_keys(const TableShape& shape) {
    const auto keys = fmt::format("{}", fmt::join(names(shape, true), ", "));
    return {shape.name + "_by_keys", fmt::format("SELECT {} FROM {} AS wanted({}) JOIN {} USING ({})",
                                                 shape.column_list(), unnest(shape, true), keys, shape.name, keys)};
}

std::string insert_rows_into(const std::string& table, const TableShape& shape, bool replace) {
    auto sql = fmt::format("INSERT INTO {} ({}) SELECT * FROM {}", table, shape.column_list(), unnest(shape, false));
    if (!replace) return sql;
    std::vector<std::string> sets;
    for (const auto& column : shape.columns) {
        if (!column.is_key) sets.push_back(fmt::format("{0} = EXCLUDED.{0}", column.name));
    }
    return sql + fmt::format(" ON CONFLICT ({}) DO UPDATE SET {}", fmt::join(names(shape, true), ", "),
                             fmt::join(sets, ", "));
}

postgres::Statement insert_rows(const TableShape& shape, bool replace) {
    return {shape.name + "_insert", insert_rows_into(shape.name, shape, replace)};
}

}  // namespace kiroku::projections
