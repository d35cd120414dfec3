// infra/log/json_line.hpp: writes and reads the flat attributes of a protocol record, for this folder and audit/.
#pragma once

#include <charconv>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::log {

/// Appends `,"name":"value"`, or nothing for an empty value. Neither may need escapes: attributes are ids, names,
/// numbers.
void attribute(std::string& out, std::string_view name, std::string_view value);
void attribute(std::string& out, std::string_view name,
               std::int64_t value);  ///< as a decimal string, for 64-bit numbers
void attribute(std::string& out, std::string_view name, const Uuid& value);
void attribute(std::string& out, std::string_view name, Instant value);

/// One attribute: a string without its quotes, a number's digits, or the whole text of an object or array.
struct Attribute {
    std::string_view name;
    std::string_view value;
};

/// The members of the one object in `json`, in order, as views into it; they live until this thread's next call.
/// Refused: what is no JSON object, more than 40 members, strings with escapes (no attribute has any).
std::expected<std::span<const Attribute>, std::string> attributes_of(std::string_view json);

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

inline bool read_uuid(std::string_view text, Uuid& id) {
    const auto parsed = Uuid::parse(text);
    if (parsed) id = *parsed;
    return parsed.has_value();
}

}  // namespace kiroku::log
