// projections/engine/digest.hpp: which events a table reads, and how their JSON becomes their types.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "projections/engine/reads.hpp"
#include "projections/engine/table_fold.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::projections {

/// The event as its type, or nothing if it is none of these. Throws Indigestible.
template <class Events>
std::optional<typename Events::Any> digest(const Event& event) {
    std::optional<typename Events::Any> read;
    const auto try_one = [&]<class E>(std::type_identity<E>) {
        if (event.type != E::type) return false;
        auto decoded = json::decode<E>(event.data);
        if (!decoded) {
            throw Indigestible(fmt::format("{} {} at offset {}: {} {}", event.type, to_string(event.id),
                                           event.offset.value, decoded.error().path, decoded.error().problem));
        }
        read.emplace(std::move(*decoded));
        return true;
    };
    [&]<class... E>(std::type_identity<std::variant<E...>>) {
        (void)(try_one(std::type_identity<E>{}) || ...);
    }(std::type_identity<typename Events::Any>{});
    return read;
}

/// Rows as arrays, one for each of the first so many columns.
class ColumnArrays {
public:
    explicit ColumnArrays(std::size_t columns) : arrays_(columns) {}

    template <class Row>
    void add(const Table<Row>& table, const Row& row) {
        for (std::size_t number = 0; number < arrays_.size(); ++number) {
            text_.clear();
            if (table.columns()[number].write(row, text_))
                arrays_[number].add(text_);
            else
                arrays_[number].add_null();
        }
    }

    /// Empty if no row was added.
    std::vector<postgres::Array> take() && {
        if (arrays_.empty() || arrays_.front().size() == 0) return {};
        return std::move(arrays_);
    }

private:
    std::vector<postgres::Array> arrays_;
    std::string text_;
};

template <class Row>
void visit_row(const Table<Row>& table, const Row& row, const TableFold::Visit& visit) {
    std::vector<std::optional<std::string>> fields;
    for (const auto& column : table.columns()) {
        std::string text;
        if (column.write(row, text))
            fields.emplace_back(std::move(text));
        else
            fields.emplace_back();
    }
    visit(fields);
}

}  // namespace kiroku::projections
