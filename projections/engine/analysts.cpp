#include "projections/engine/analysts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiroku::projections {
namespace {

bool has_role(auto& connection, std::string_view role) {
    return !connection.execute(fmt::format("SELECT 1 FROM pg_roles WHERE rolname = '{}'", role)).empty();
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string{c};
    return out + '\'';
}

std::string_view note_of(Privacy privacy) {
    switch (privacy) {
        case Privacy::open: return "";
        case Privacy::personal: return " (personal)";
        case Privacy::secret: return " (secret)";
    }
    return "";
}

std::vector<std::string> open_columns(const TableShape& shape) {
    std::vector<std::string> names;
    for (const auto& column : shape.columns) {
        if (column.privacy == Privacy::open) names.push_back(column.name);
    }
    return names;
}

}  // namespace

bool make_role(postgres::Connection& connection, std::string_view role) {
    if (has_role(connection, role)) return true;
    // Somebody else may make it at the same time, of whom we don't know before they commit.
    connection.execute(
        fmt::format("DO $$ BEGIN CREATE ROLE {} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation OR "
                    "insufficient_privilege THEN NULL; END $$",
                    role));
    return has_role(connection, role);
}

void open_to_analysts(postgres::Transaction& transaction, const std::string& schema,
                      std::span<const ReadModel> models) {
    const bool anybody = has_role(transaction, analyst_role);
    if (anybody) transaction.execute(fmt::format("GRANT USAGE ON SCHEMA \"{}\" TO {}", schema, analyst_role));
    for (const auto& model : models) {
        for (const auto& table : model.make_tables(Keep::some)) {
            transaction.execute(comments(schema, table->shape()));
            if (anybody) transaction.execute(grants(schema, table->shape()));
        }
    }
}

std::string comments(const std::string& schema, const TableShape& shape) {
    auto sql = fmt::format("COMMENT ON TABLE \"{}\".{} IS {};\n", schema, shape.name, quoted(shape.meaning));
    for (const auto& column : shape.columns) {
        sql += fmt::format("COMMENT ON COLUMN \"{}\".{}.{} IS {};\n", schema, shape.name, column.name,
                           quoted(fmt::format("{}{}", column.meaning, note_of(column.privacy))));
    }
    return sql;
}

std::string grants(const std::string& schema, const TableShape& shape, std::string_view role) {
    const auto open = open_columns(shape);
    auto sql = fmt::format("REVOKE ALL ON \"{}\".{} FROM {};\n", schema, shape.name, role);
    if (open.empty()) return sql;
    const auto columns = open.size() == shape.columns.size() ? "" : fmt::format(" ({})", fmt::join(open, ", "));
    return sql + fmt::format("GRANT SELECT{} ON \"{}\".{} TO {};\n", columns, schema, shape.name, role);
}

}  // namespace kiroku::projections
