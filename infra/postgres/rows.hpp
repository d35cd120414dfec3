// infra/postgres/rows.hpp: what a query gave.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "infra/postgres/value.hpp"

namespace pqxx {
class result;
}

namespace kiroku::postgres {

class Rows;

/// One row; a view that must not outlive its `Rows`.
class Row {
public:
    Row(const Rows& rows, int number) : rows_(&rows), number_(number) {}

    /// The column's text, or nothing for null.
    [[nodiscard]] std::optional<std::string_view> text(int column) const;

    /// The column as a `T`; an optional `T` takes a null, any other throws DatabaseError on it.
    template <class T>
    [[nodiscard]] T get(int column) const {
        const auto found = text(column);
        if constexpr (requires(T t) { t.has_value(); }) {
            return found ? T{Value<typename T::value_type>::read(*found)} : T{};
        } else {
            if (!found) unreadable(Value<T>::sql, "null");
            return Value<T>::read(*found);
        }
    }

private:
    const Rows* rows_;
    int number_;
};

/// A query's whole result, in memory.
class Rows {
public:
    explicit Rows(pqxx::result&& result);
    ~Rows();
    Rows(Rows&&) noexcept;
    Rows& operator=(Rows&&) noexcept;

    [[nodiscard]] int size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] Row operator[](int number) const { return {*this, number}; }

    /// How many rows an INSERT, UPDATE or DELETE touched.
    [[nodiscard]] int touched() const;

    class Iterator {
    public:
        Iterator(const Rows& rows, int number) : rows_(&rows), number_(number) {}
        Row operator*() const { return (*rows_)[number_]; }
        Iterator& operator++() { return ++number_, *this; }
        bool operator==(const Iterator&) const = default;

    private:
        const Rows* rows_;
        int number_;
    };
    [[nodiscard]] Iterator begin() const { return {*this, 0}; }
    [[nodiscard]] Iterator end() const { return {*this, size_}; }

private:
    friend class Row;
    std::unique_ptr<pqxx::result> result_;
    int size_ = 0;
};

}  // namespace kiroku::postgres
