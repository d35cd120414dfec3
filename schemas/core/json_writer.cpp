// schemas/core/json_writer.cpp: JSON's few scalar forms.
#include "schemas/core/json_writer.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace kiroku::json {
namespace {

constexpr std::array<bool, 256> needs_escape = [] {
    std::array<bool, 256> needs{};
    for (std::size_t control = 0; control < 0x20; ++control) needs[control] = true;
    needs['"'] = needs['\\'] = true;
    return needs;
}();

void write_escape(std::string& out, char c) {
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: break;
    }
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 0x0F];
}

}  // namespace

void write(std::string& out, std::string_view text) {
    out += '"';
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape[static_cast<unsigned char>(text[i])]) continue;
        out.append(text, clean_from, i - clean_from);
        write_escape(out, text[i]);
        clean_from = i + 1;
    }
    out.append(text, clean_from);
    out += '"';
}

void write(std::string& out, std::int64_t number) {
    std::array<char, 20> digits{};  // as long as the longest, -9223372036854775808
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void write_decimal(std::string& out, std::int64_t number) {
    out += '"';
    write(out, number);
    out += '"';
}

void write(std::string& out, const Uuid& uuid) {
    std::array<char, 38> text{};
    text.front() = text.back() = '"';
    to_chars(uuid, text.data() + 1);
    out.append(text.data(), text.size());
}

void write(std::string& out, Instant instant) {
    out += '"';
    append(out, instant);
    out += '"';
}

void write(std::string& out, LocalDate date) {
    out += '"';
    append(out, date);
    out += '"';
}

}  // namespace kiroku::json
