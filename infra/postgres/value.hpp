// infra/postgres/value.hpp: how Kiroku's types lie in columns: the SQL type, its text form both ways, its binary form.
//
// A type of one's own becomes a column's by specialising `Value`: `sql`, `write` (what PostgreSQL reads), `read` (what
// it writes, in a session with TimeZone UTC and DateStyle ISO) and `send` (what the type's receive function reads,
// without its length). Nulls are the optional's business, not the value's.
#pragma once

#include <bit>
#include <charconv>
#include <chrono>
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

/// In network order, as all of PostgreSQL's binary forms have it.
template <std::integral T>
void append_integer(std::string& out, T value) {
    static_assert(std::endian::native == std::endian::little);
    const auto bytes = std::byteswap(value);
    out.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

/// What stands before a jsonb's text: the form's version.
inline constexpr char jsonb_version = 1;

/// Its days and microseconds are counted from here on.
inline constexpr auto postgres_epoch = std::chrono::year{2000} / 1 / 1;

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
    static void send(std::string& out, T value) {
        append_integer(out, static_cast<std::conditional_t<(sizeof(T) > 4), std::int64_t, std::int32_t>>(value));
    }
};

template <>
struct Value<bool> {
    static constexpr std::string_view sql = "boolean";
    static void write(std::string& out, bool value) { out += value ? 't' : 'f'; }
    static bool read(std::string_view text) { return text == "t"; }
    static void send(std::string& out, bool value) { out += value ? '\1' : '\0'; }
};

template <>
struct Value<std::string> {
    static constexpr std::string_view sql = "text";
    static void write(std::string& out, std::string_view value) { out += value; }
    static std::string read(std::string_view text) { return std::string{text}; }
    static void send(std::string& out, std::string_view value) { out += value; }
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
    static void send(std::string& out, const Uuid& value) { out.append(value.bytes.begin(), value.bytes.end()); }
};

template <>
struct Value<Instant> {
    static constexpr std::string_view sql = "timestamptz";
    static void write(std::string& out, Instant value) { append(out, value); }
    static Instant read(std::string_view text);
    static void send(std::string& out, Instant value) {
        append_integer(out,
                       std::int64_t{std::chrono::microseconds{value - std::chrono::sys_days{postgres_epoch}}.count()});
    }
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
    static void send(std::string& out, LocalDate value) {
        append_integer(out, static_cast<std::int32_t>((value - LocalDate{postgres_epoch}).count()));
    }
};

template <>
struct Value<RawJson> {
    static constexpr std::string_view sql = "jsonb";
    static void write(std::string& out, const RawJson& value) { out += value.text; }
    static RawJson read(std::string_view text) { return RawJson{std::string{text}}; }
    static void send(std::string& out, const RawJson& value) {
        out += jsonb_version;
        write(out, value);
    }
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
    static void send(std::string& out, T value) { write(out, value); }
};

template <class T, class Tag>
struct Value<Strong<T, Tag>> {
    static constexpr std::string_view sql = Value<T>::sql;
    static void write(std::string& out, const Strong<T, Tag>& strong) { Value<T>::write(out, strong.value); }
    static Strong<T, Tag> read(std::string_view text) { return {Value<T>::read(text)}; }
    static void send(std::string& out, const Strong<T, Tag>& strong) { Value<T>::send(out, strong.value); }
};

}  // namespace kiroku::postgres
