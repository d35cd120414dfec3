// gateway/core/target.cpp: what a request is about: the path and the query behind it, decoded once.
#include "gateway/core/target.hpp"

#include <algorithm>
#include <cstdint>

#include "gateway/core/http.hpp"

namespace kiroku::gateway {
namespace {

using Text = std::expected<std::string, std::string>;

std::unexpected<std::string> wrong(std::string problem) { return std::unexpected(std::move(problem)); }

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// `never`: characters that must not stand behind an escape.
Text unescape(std::string_view text, std::string_view never, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) return wrong("has a broken escape");
            const char decoded = static_cast<char>(high << 4 | low);
            if (never.find(decoded) != std::string_view::npos) return wrong("has an escape that must not be there");
            out += decoded;
            i += 2;
        }
    }
    if (!is_plain_text(out)) return wrong("must be UTF-8 without control characters");
    return out;
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        if (segment == "." || segment == "..") return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

/// Bytes of the UTF-8 sequence at the beginning of `text`; 0: there is none (overlong forms and surrogates included).
std::size_t sequence_size(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
    if (size == 0 || size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return size;
}

}  // namespace

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto lead = static_cast<std::uint8_t>(text[0]);
        if (lead < 0x20 || lead == 0x7F) return false;
        const std::size_t size = sequence_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, [](const auto& parameter) { return parameter.first; });
    if (found == parameters_.end()) return std::nullopt;
    return found->second;
}

std::expected<Query, std::string> read_query(std::string_view text) {
    Query query;
    while (!text.empty()) {
        const auto one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto equals = one.find('=');
        auto name = unescape(one.substr(0, equals), "", true);
        auto value = unescape(equals == std::string_view::npos ? "" : one.substr(equals + 1), "", true);
        if (!name || !value) return wrong("the query " + (name ? value.error() : name.error()));
        if (name->empty()) return wrong("the query has a parameter without a name");
        if (query.find(*name)) return wrong("the query has a parameter twice");
        if (query.parameters_.size() == RequestLimits::query_parameters)
            return wrong("the query has too many parameters");
        query.parameters_.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            const auto byte = static_cast<std::uint8_t>(c);
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

std::expected<Target, std::string> read_target(std::string_view target) {
    if (!target.starts_with('/')) return wrong("the target must begin with a slash");
    if (target.find('#') != std::string_view::npos) return wrong("the target must not have a fragment");
    const auto question = target.find('?');
    auto path = unescape(target.substr(0, question), "/\\%.", false);
    if (!path) return wrong("the path " + path.error());
    if (has_dot_segment(*path)) return wrong("the path must not have dot segments");
    auto query = read_query(question == std::string_view::npos ? "" : target.substr(question + 1));
    if (!query) return std::unexpected(std::move(query.error()));
    return Target{std::move(*path), std::move(*query)};
}

}  // namespace kiroku::gateway
