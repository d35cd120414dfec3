// infra/postgres/value.hpp: how Kiroku's types lie in columns: the SQL type, and its text form both ways.
//
// A type of one's own becomes a column's by specialising `Value`: `sql`, `write` (what PostgreSQL reads) and `read`
// (what it writes, in a session with TimeZone UTC and DateStyle ISO). Nulls are the optional's business, not the
// value's.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "infra/postgres/error.hpp"
#include "schemas/core/raw_json.hpp"
#include "schemas/core/strong.hpp"
#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::postgres {

template <class T>
struct Value;

/// What a column's text should have been and is not; the tables are not ours, or a bug.
[[noreturn]] void unreadable(std::string_view sql_type, std::string_view text);

template <std::integral T>
struct Value<T> {
    static constexpr std::string_view sql = sizeof(T) > 4 ? "bigint" : "integer";
    static void write(std::string& out, T value) {
        char digits[24];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    }
    static T read(std::string_view text) {
        T value{};
        if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) unreadable(sql, text);
        return value;
    }
};

template <>
struct Value<bool> {
    static constexpr std::string_view sql = "boolean";
    static void write(std::string& out, bool value) { out += value ? 't' : 'f'; }
    static bool read(std::string_view text) { return text == "t"; }
};

template <>
struct Value<std::string> {
    static constexpr std::string_view sql = "text";
    static void write(std::string& out, std::string_view value) { out += value; }
    static std::string read(std::string_view text) { return std::string{text}; }
};

template <>
struct Value<Uuid> {
    static constexpr std::string_view sql = "uuid";
    static void write(std::string& out, const Uuid& value) { out += to_string(value); }
    static Uuid read(std::string_view text) {
        const auto value = Uuid::parse(text);
        if (!value) unreadable(sql, text);
        return *value;
    }
};

template <>
struct Value<Instant> {
    static constexpr std::string_view sql = "timestamptz";
    static void write(std::string& out, Instant value) { append(out, value); }
    static Instant read(std::string_view text);
};

template <>
struct Value<LocalDate> {
    static constexpr std::string_view sql = "date";
    static void write(std::string& out, LocalDate value) { append(out, value); }
    static LocalDate read(std::string_view text) {
        const auto value = parse_date(text);
        if (!value) unreadable(sql, text);
        return *value;
    }
};

template <>
struct Value<RawJson> {
    static constexpr std::string_view sql = "jsonb";
    static void write(std::string& out, const RawJson& value) { out += value.text; }
    static RawJson read(std::string_view text) { return RawJson{std::string{text}}; }
};

/// A generated enum, as its word.
template <class T>
requires std::is_enum_v<T>
struct Value<T> {
    static constexpr std::string_view sql = "text";
    static void write(std::string& out, T value) { out += to_string(value); }
    static T read(std::string_view text) {
        T value{};
        if (!from_string(text, value)) unreadable("one of our words", text);
        return value;
    }
};

template <class T, class Tag>
struct Value<Strong<T, Tag>> {
    static constexpr std::string_view sql = Value<T>::sql;
    static void write(std::string& out, const Strong<T, Tag>& strong) { Value<T>::write(out, strong.value); }
    static Strong<T, Tag> read(std::string_view text) { return {Value<T>::read(text)}; }
};

}  // namespace kiroku::postgres
