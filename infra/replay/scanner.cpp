#include "infra/replay/scanner.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kiroku::replay {
namespace {

constexpr std::size_t longest_found = 20;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_name(char c) { return is_letter(c) || is_digit(c); }
bool in_number(char c) { return in_name(c) || c == '.' || c == '+' || c == '-'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

void append_utf8(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
        put(0xC0U | code >> 6U);
    } else if (code < 0x10000) {
        put(0xE0U | code >> 12U);
        put(0x80U | (code >> 6U & 0x3FU));
    } else {
        put(0xF0U | code >> 18U);
        put(0x80U | (code >> 12U & 0x3FU));
        put(0x80U | (code >> 6U & 0x3FU));
    }
    put(0x80U | (code & 0x3FU));
}

}  // namespace

void Scanner::skip_spaces() {
    while (next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\t' || text_[next_] == '\n')) ++next_;
}

bool Scanner::at_end() {
    skip_spaces();
    return next_ == text_.size();
}

char Scanner::peek() { return at_end() ? '\0' : text_[next_]; }

std::size_t Scanner::place() {
    skip_spaces();
    return next_;
}

bool Scanner::take(std::string_view symbol) {
    skip_spaces();
    if (!text_.substr(next_).starts_with(symbol)) return false;
    next_ += symbol.size();
    return true;
}

bool Scanner::take_word(std::string_view word) {
    const auto before = place();
    if (take_name() == word) return true;
    next_ = before;
    return false;
}

std::string_view Scanner::take_name() {
    skip_spaces();
    const auto begin = next_;
    if (begin < text_.size() && is_letter(text_[begin]))
        while (next_ < text_.size() && in_name(text_[next_])) ++next_;
    return text_.substr(begin, next_ - begin);
}

std::string_view Scanner::take_number() {
    skip_spaces();
    const auto begin = next_;
    const bool is_one = begin < text_.size() && (is_digit(text_[begin]) || text_[begin] == '-');
    if (is_one)
        while (next_ < text_.size() && in_number(text_[next_])) ++next_;
    return text_.substr(begin, next_ - begin);
}

std::optional<std::string> Scanner::take_string() {
    const char quote = peek();
    if (quote != '"' && quote != '\'') return std::nullopt;
    string_ = next_++;
    std::string out;
    for (char c = next_in_string(); c != quote; c = next_in_string()) {
        if (c == '\\') {
            take_escape(out);
        } else {
            out += c;
        }
    }
    return out;
}

char Scanner::next_in_string() {
    if (next_ == text_.size()) fail(string_, "the text that begins here has no closing quote");
    return text_[next_++];
}

void Scanner::take_escape(std::string& out) {
    constexpr std::string_view names = "\"'\\/bfnrt", meant = "\"'\\/\b\f\n\r\t";
    const auto begin = next_ - 1;
    const char name = next_in_string();
    if (const auto found = names.find(name); found != std::string_view::npos) {
        out += meant[found];
        return;
    }
    if (name != 'u') fail(begin, fmt::format("`\\{}` is no escape; a backslash itself is `\\\\`", name));
    auto code = take_code_unit();
    if (code >= 0xD800 && code < 0xDC00) {
        const bool paired = text_.substr(next_).starts_with("\\u");
        next_ += paired ? 2 : 0;
        const auto low = paired ? take_code_unit() : 0;
        if (low < 0xDC00 || low > 0xDFFF) fail(begin, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    append_utf8(out, code);
}

unsigned Scanner::take_code_unit() {
    constexpr std::string_view hex = "0123456789abcdef";
    unsigned code = 0;
    for (int digit = 0; digit < 4; ++digit) {
        const char c = next_in_string();
        const auto value = hex.find(static_cast<char>(is_letter(c) ? c | 0x20 : c));
        if (value == std::string_view::npos) fail(next_ - 1, "expected four hexadecimal digits after `\\u`");
        code = code * 16 + static_cast<unsigned>(value);
    }
    return code;
}

std::string Scanner::found() const {
    if (next_ >= text_.size()) return "the end";
    auto end = next_ + 1;
    if (in_name(text_[next_])) {
        while (end < text_.size() && in_name(text_[end]) && end - next_ < longest_found) ++end;
    } else {
        constexpr std::string_view operators = "&|=<>!";
        const bool doubled = operators.find(text_[next_]) != std::string_view::npos && end < text_.size() &&
                             operators.find(text_[end]) != std::string_view::npos;
        if (doubled) ++end;
        while (end < text_.size() && is_continuation(text_[end])) ++end;
    }
    return fmt::format("`{}`", text_.substr(next_, end - next_));
}

void Scanner::expected(std::string_view what) {
    skip_spaces();
    fail(next_, fmt::format("expected {}, found {}", what, found()));
}

void Scanner::fail(std::size_t place, std::string message) const {
    const auto before = text_.substr(0, place);
    const auto characters = std::ranges::count_if(before, [](char c) { return !is_continuation(c); });
    throw SyntaxError{static_cast<std::size_t>(characters) + 1, std::move(message)};
}

}  // namespace kiroku::replay
