// projections/engine/digest.hpp: which events a table reads, and how their JSON becomes their types.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "infra/postgres/copy.hpp"
#include "projections/engine/reads.hpp"
#include "projections/engine/table_fold.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::projections {

/// The event as its type, or nothing if it is none of these. Throws Indigestible.
template <class Events>
std::optional<typename Events::Any> digest(const Event& event) {
    std::optional<typename Events::Any> read;
    const auto try_one = [&]<class E>(std::type_identity<E>) {
        if (!json::reads_as<E>(event.type)) return false;
        auto decoded = json::decode_as<E>(event.type, event.data);
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

/// Rows as COPY reads them, handed on in pieces.
template <class Row>
class CopyRows {
public:
    using Take = std::function<void(std::string_view)>;
    CopyRows(const Table<Row>& table, const Take& take) : table_(table), take_(take) { bytes_.reserve(2 * piece); }

    void add(const Row& row) {
        postgres::begin_copied_row(bytes_, table_.columns().size());
        for (const auto& column : table_.columns())
            postgres::copy_field(bytes_, [&](std::string& out) { return column.send(row, out); });
        if (bytes_.size() >= piece) end();
    }
    void end() {
        if (!bytes_.empty()) take_(bytes_);
        bytes_.clear();
    }

private:
    static constexpr std::size_t piece = 1UL << 16;

    const Table<Row>& table_;
    const Take& take_;
    std::string bytes_;
};

template <class Row>
void tell_row(const Table<Row>& table, const Row& row, TableFold::Texts& texts) {
    texts.resize(table.columns().size());
    for (std::size_t number = 0; const auto& column : table.columns()) {
        auto& text = texts[number++];
        if (text)
            text->clear();
        else
            text.emplace();
        if (!column.write(row, *text)) text.reset();
    }
}

template <class Row>
void retell_row(const Table<Row>& table, std::span<const Field> fields, TableFold::Texts& texts) {
    tell_row(table, table.row(fields), texts);
}

}  // namespace kiroku::projections
