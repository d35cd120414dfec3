// schemas/core/json_writer.hpp: what generated codecs append JSON with.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/core/raw_json.hpp"
#include "schemas/core/strong.hpp"
#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::json {

/// `text` must be UTF-8. Escapes only what JSON demands.
void write(std::string& out, std::string_view text);
void write(std::string& out, std::int64_t number);
/// As a text, for numbers that may be too large for other readers' JSON.
void write_decimal(std::string& out, std::int64_t number);
void write(std::string& out, const Uuid& uuid);
void write(std::string& out, Instant instant);
void write(std::string& out, LocalDate date);

inline void write(std::string& out, const std::string& text) { write(out, std::string_view{text}); }
inline void write(std::string& out, std::int32_t number) { write(out, std::int64_t{number}); }
inline void write(std::string& out, const RawJson& raw) { out += raw.text; }

inline void write(std::string& out, std::same_as<bool> auto truth) { out += truth ? "true" : "false"; }

template <class T, class Tag>
void write(std::string& out, const Strong<T, Tag>& strong) {
    write(out, strong.value);
}

/// A generated struct or enum: its own context's codec knows how.
template <class T>
requires requires(std::string& out, const T& value) { write_json(out, value); }
void write(std::string& out, const T& value) { write_json(out, value); }

template <class T>
void write(std::string& out, const std::vector<T>& items) {
    out += '[';
    for (bool first = true; const auto& item : items) {
        if (!first) out += ',';
        first = false;
        write(out, item);
    }
    out += ']';
}

}  // namespace kiroku::json
