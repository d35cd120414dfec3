// projections/engine/table.hpp: one declaration of a table: its rows' C++ type, columns, key and indexes.
//
//     const Table<ProgressRow>& progress_table() {
//         static const Table<ProgressRow> table{"progress", "A row a learner.", {
//             key("user_id", &ProgressRow::user).means("The learner."),
//             column("total_xp", &ProgressRow::total_xp).means("All XP ever earned."),
//             column("level", &ProgressRow::level, "CHECK (level >= 1)").means("From 1."),
//         }};
//         return table;
//     }
//
// Column types come from the members' (infra/postgres/value.hpp); a member that is no optional is NOT NULL. What things
// mean is told in the database and by `kiroku dictionary`; it is no part of a read model's shape.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infra/postgres/rows.hpp"

namespace kiroku::projections {

/// Whether analysts may read a column.
enum class Privacy {
    open,      ///< ids, figures, times
    personal,  ///< tells who somebody is, what they wrote or how they fared in body: not for analysts
    secret,    ///< serves to log in: for nobody but the program
};

/// What SQL needs to know about a column.
struct ColumnShape {
    std::string name;
    std::string sql;  ///< its type
    bool nullable = false;
    bool is_key = false;
    std::string check;      ///< a constraint, as in "CHECK (level >= 1)"; may be empty
    std::string meaning{};  ///< for who reads it with SQL: its unit, what null says
    Privacy privacy = Privacy::open;
};

struct TableShape {
    std::string name;
    std::vector<ColumnShape> columns;  ///< the key's first
    std::vector<std::string> indexes;  ///< as in "user_id, occurred_at DESC" or "level, user_id WHERE level > 1"
    std::string meaning{};             ///< what a row is

    /// "user_id, total_xp, …"
    [[nodiscard]] std::string column_list() const;
    [[nodiscard]] int key_columns() const;
};

using Field = std::optional<std::string_view>;

template <class Row>
struct Column {
    ColumnShape shape;
    std::function<bool(const Row&, std::string&)> write;  ///< as text; false: null
    std::function<bool(const Row&, std::string&)> send;   ///< the same in PostgreSQL's binary form
    std::function<void(Row&, Field)> read;

    Column means(std::string text) && {
        shape.meaning = std::move(text);
        return std::move(*this);
    }
    Column personal() && {
        shape.privacy = Privacy::personal;
        return std::move(*this);
    }
    Column secret() && {
        shape.privacy = Privacy::secret;
        return std::move(*this);
    }
};

template <class Row, class T>
Column<Row> column(std::string name, T Row::*member, std::string check = "") {
    using postgres::Value;
    if constexpr (requires(T t) { t.has_value(); }) {
        using Present = typename T::value_type;
        return {{std::move(name), std::string{Value<Present>::sql}, true, false, std::move(check)},
                [member](const Row& row, std::string& out) {
                    if (row.*member) Value<Present>::write(out, *(row.*member));
                    return (row.*member).has_value();
                },
                [member](const Row& row, std::string& out) {
                    if (row.*member) Value<Present>::send(out, *(row.*member));
                    return (row.*member).has_value();
                },
                [member](Row& row, Field field) { row.*member = field ? T{Value<Present>::read(*field)} : T{}; }};
    } else {
        return {{std::move(name), std::string{Value<T>::sql}, false, false, std::move(check)},
                [member](const Row& row, std::string& out) {
                    Value<T>::write(out, row.*member);
                    return true;
                },
                [member](const Row& row, std::string& out) {
                    Value<T>::send(out, row.*member);
                    return true;
                },
                [member](Row& row, Field field) {
                    if (!field) postgres::unreadable(Value<T>::sql, "null");
                    row.*member = Value<T>::read(*field);
                }};
    }
}

/// A column of the primary key; they come first.
template <class Row, class T>
Column<Row> key(std::string name, T Row::*member, std::string check = "") {
    auto made = column(std::move(name), member, std::move(check));
    made.shape.is_key = true;
    return made;
}

template <class Row>
class Table {
public:
    Table(std::string name, std::string meaning, std::vector<Column<Row>> columns,
          std::vector<std::string> indexes = {})
        : columns_(std::move(columns)), shape_{std::move(name), {}, std::move(indexes), std::move(meaning)} {
        for (const auto& column : columns_) shape_.columns.push_back(column.shape);
    }

    [[nodiscard]] const TableShape& shape() const { return shape_; }
    [[nodiscard]] const std::vector<Column<Row>>& columns() const { return columns_; }

    /// "SELECT all columns FROM the table"; what follows is up to the query.
    [[nodiscard]] std::string select(std::string_view rest) const {
        return "SELECT " + shape_.column_list() + " FROM " + shape_.name + ' ' + std::string{rest};
    }

    /// A row of what `select` gave.
    [[nodiscard]] Row row(const postgres::Row& found) const {
        Row row{};
        for (int number = 0; const auto& column : columns_) column.read(row, found.text(number++));
        return row;
    }

    /// A row of its fields, in the order of the columns.
    [[nodiscard]] Row row(std::span<const Field> fields) const {
        Row row{};
        for (std::size_t number = 0; const auto& column : columns_) column.read(row, fields[number++]);
        return row;
    }

    [[nodiscard]] std::vector<Row> rows(const postgres::Rows& found) const {
        std::vector<Row> rows;
        rows.reserve(static_cast<std::size_t>(found.size()));
        for (const auto& one : found) rows.push_back(row(one));
        return rows;
    }

private:
    std::vector<Column<Row>> columns_;
    TableShape shape_;
};

}  // namespace kiroku::projections
