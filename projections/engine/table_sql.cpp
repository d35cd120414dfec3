#include "projections/engine/table_sql.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

constexpr std::string_view only_rows = " WHERE ";

/// "user_id, xp DESC" of a shelf: "shelf_user_id_xp_idx"
std::string index_name(const std::string& table, std::string_view columns) {
    auto name = table;
    while (!columns.empty()) {
        const auto column = columns.substr(0, columns.find(','));
        name.append("_").append(column.substr(0, column.find(' ')));
        columns.remove_prefix(std::min(columns.size(), column.size() + std::string_view{", "}.size()));
    }
    return name + "_idx";
}

std::string replacing(const TableShape& shape) {
    std::vector<std::string> sets;
    for (const auto& column : shape.columns) {
        if (!column.is_key) sets.push_back(fmt::format("{0} = EXCLUDED.{0}", column.name));
    }
    return fmt::format(" ON CONFLICT ({}) DO UPDATE SET {}", fmt::join(names(shape, true), ", "),
                       fmt::join(sets, ", "));
}

}  // namespace

std::string create_table(const TableShape& shape, bool appends) {
    auto sql = create_bare_table(shape, appends) + add_key(shape);
    for (const auto& index : indexes_of(shape)) sql += index.create;
    return sql;
}

std::string create_bare_table(const TableShape& shape, bool appends) {
    std::vector<std::string> lines;
    for (const auto& column : shape.columns) lines.push_back(definition(column));
    return fmt::format("CREATE TABLE {} (\n  {}\n) WITH (fillfactor = {});\n", shape.name, fmt::join(lines, ",\n  "),
                       appends ? full : room_for_updates);
}

std::string add_key(const TableShape& shape) {
    return fmt::format("ALTER TABLE {0} ADD CONSTRAINT {0}_pkey PRIMARY KEY ({1});\n", shape.name,
                       fmt::join(names(shape, true), ", "));
}

std::vector<IndexSql> indexes_of(const TableShape& shape) {
    std::vector<IndexSql> all;
    for (const auto& index : shape.indexes) {
        const auto columns = index.substr(0, index.find(only_rows));
        const auto name = index_name(shape.name, columns);
        all.push_back({name, fmt::format("CREATE INDEX {} ON {} ({}){};\n", name, shape.name, columns,
                                         index.substr(columns.size()))});
    }
    return all;
}

IndexSql index_of_key(const TableShape& shape) {
    const auto name = shape.name + "_pkey";
    return {name,
            fmt::format("CREATE UNIQUE INDEX {} ON {} ({});\n", name, shape.name, fmt::join(names(shape, true), ", "))};
}

std::string add_key_from_index(const TableShape& shape) {
    return fmt::format("ALTER TABLE {0} ADD CONSTRAINT {0}_pkey PRIMARY KEY USING INDEX {0}_pkey;\n", shape.name);
}

postgres::Statement select_by_keys(const TableShape& shape) {
    const auto keys = fmt::format("{}", fmt::join(names(shape, true), ", "));
    return {shape.name + "_by_keys", fmt::format("SELECT {} FROM {} AS wanted({}) JOIN {} USING ({})",
                                                 shape.column_list(), unnest(shape, true), keys, shape.name, keys)};
}

postgres::Statement insert_rows(const TableShape& shape, bool replace) {
    return {shape.name + "_insert",
            fmt::format("INSERT INTO {} ({}) SELECT * FROM {}{}", shape.name, shape.column_list(), unnest(shape, false),
                        replace ? replacing(shape) : "")};
}

std::string upsert_from(const std::string& table, const TableShape& shape) {
    return fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM {2}{3}", shape.name, shape.column_list(), table,
                       replacing(shape));
}

}  // namespace kiroku::projections
