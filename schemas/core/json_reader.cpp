// schemas/core/json_reader.cpp: JSON's few forms, checked to the last character.
#include "schemas/core/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <system_error>

namespace kiroku::json {
namespace {

constexpr std::string_view not_json = "is not well-formed JSON";

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

bool Reader::fail(Kind kind, std::string_view problem) {
    violation_ = Violation{kind, "", std::string{problem}};
    return false;
}

bool Reader::within(std::string_view name) {
    std::string step = "/";
    for (const char c : name) {
        if (c == '~') {
            step += "~0";
        } else if (c == '/') {
            step += "~1";
        } else {
            step += c;
        }
    }
    violation_.path.insert(0, step);
    return false;
}

bool Reader::within(std::size_t index) {
    violation_.path.insert(0, fmt::format("/{}", index));
    return false;
}

bool Reader::enter() {
    return ++depth_ <= max_depth || malformed(fmt::format("is nested deeper than {} levels", max_depth));
}

bool Reader::not_a(Value& value, std::string_view expected) {
    return value.at.type().error() == simdjson::SUCCESS ? invalid(expected) : malformed(not_json);
}

bool Reader::out_of_bounds(std::string_view what, std::string_view unit, std::int64_t bound) {
    return invalid(fmt::format("must {} {}{}{}", what, bound, unit, unit.empty() || bound == 1 ? "" : "s"));
}

bool Reader::missing(std::uint64_t members, std::span<const std::string_view> names) {
    invalid("is required");
    return within(names[static_cast<std::size_t>(std::countr_zero(members))]);
}

bool Reader::stranger(Seen& seen, std::string_view name, Value& value) {
    if (unknown_ == Unknown::refused) return invalid("is not a member known here");
    if (std::ranges::find(seen.strangers, name) != seen.strangers.end()) return malformed("is there twice");
    seen.strangers.push_back(name);
    return walk(value, nullptr);
}

bool Reader::word(Value& value, std::string_view& out) {
    if (value.at.get_string().get(out) != simdjson::SUCCESS) return not_a(value, "must be a text");
    return true;
}

bool Reader::text(Value& value, std::string& out, Bounds code_points) {
    std::string_view text;
    if (!word(value, text)) return false;
    if (std::memchr(text.data(), '\0', text.size()) != nullptr) return invalid("must not hold U+0000");
    const auto min = static_cast<std::size_t>(code_points.min);
    const auto max = static_cast<std::size_t>(code_points.max);
    // A code point has 1 to 4 bytes, so most texts need no counting.
    if (text.size() > max || text.size() < 4 * min) {
        const auto size = count_code_points(text);
        if (size < min) return out_of_bounds("have at least", " character", code_points.min);
        if (size > max) return out_of_bounds("have at most", " character", code_points.max);
    }
    out.assign(text);
    return true;
}

bool Reader::boolean(Value& value, bool& out) {
    return value.at.get_bool().get(out) == simdjson::SUCCESS || not_a(value, "must be true or false");
}

bool Reader::uuid(Value& value, Uuid& out) {
    std::string_view text;
    if (value.at.get_string().get(text) != simdjson::SUCCESS) return not_a(value, "must be a UUID");
    const auto uuid = Uuid::parse(text);
    if (!uuid) return invalid("must be a UUID");
    out = *uuid;
    return true;
}

bool Reader::instant(Value& value, Instant& out) {
    static constexpr std::string_view expected = "must be an RFC 3339 date-time, such as 2026-03-06T12:00:00Z";
    std::string_view text;
    if (value.at.get_string().get(text) != simdjson::SUCCESS) return not_a(value, expected);
    const auto instant = parse_instant(text);
    if (!instant) return invalid(expected);
    out = *instant;
    return true;
}

bool Reader::date(Value& value, LocalDate& out) {
    static constexpr std::string_view expected = "must be a date, such as 2026-03-06";
    std::string_view text;
    if (value.at.get_string().get(text) != simdjson::SUCCESS) return not_a(value, expected);
    const auto date = parse_date(text);
    if (!date) return invalid(expected);
    out = *date;
    return true;
}

bool Reader::decimal(Value& value, std::int64_t& out) {
    static constexpr std::string_view expected = "must be a text of decimal digits, at most 9223372036854775807";
    std::string_view text;
    if (value.at.get_string().get(text) != simdjson::SUCCESS) return not_a(value, expected);
    if (text.empty() || text.front() < '0' || text.front() > '9') return invalid(expected);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    return (read.ec == std::errc{} && read.ptr == text.data() + text.size()) || invalid(expected);
}

bool Reader::integer64(Value& value, std::int64_t& out, Bounds bounds) {
    if (value.at.get_int64().get(out) != simdjson::SUCCESS)
        return not_a(value, "must be an integer of at most 64 bits");
    if (out < bounds.min) return out_of_bounds("be at least", "", bounds.min);
    if (out > bounds.max) return out_of_bounds("be at most", "", bounds.max);
    return true;
}

bool Reader::constant(Value& value, std::string_view expected) {
    std::string_view text;
    if (!word(value, text)) return false;
    return text == expected || invalid(fmt::format("must be \"{}\"", expected));
}

bool Reader::null(Value& value) {
    bool is_null = false;
    return value.at.is_null().get(is_null) == simdjson::SUCCESS && is_null;
}

bool Reader::any(Value& value, RawJson& out) {
    out.text.clear();
    return walk(value, &out.text);
}

bool Reader::object(Value& value, RawJson& out) {
    simdjson::ondemand::json_type type{};
    if (value.at.type().get(type) != simdjson::SUCCESS) return malformed(not_json);
    if (type != simdjson::ondemand::json_type::object) return invalid("must be an object");
    return any(value, out);
}

bool Reader::check_size(std::size_t size, Bounds bounds) {
    if (size < static_cast<std::size_t>(bounds.min)) return out_of_bounds("have at least", " item", bounds.min);
    if (size > static_cast<std::size_t>(bounds.max)) return out_of_bounds("have at most", " item", bounds.max);
    return true;
}

}  // namespace kiroku::json
