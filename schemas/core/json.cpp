// schemas/core/json.cpp: whole texts in; what is wrong with those refused.
#include "schemas/core/json.hpp"

#include <cstring>

#include "schemas/core/json_reader.hpp"

namespace kiroku::json {
namespace {

// Larger texts get a parser of their own, so that one of them doesn't leave its memory with every thread.
constexpr std::size_t kept_parser_bytes = std::size_t{1} << 20;

std::string_view said(simdjson::error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR: return "is not UTF-8";
        case simdjson::EMPTY: return "is empty";
        case simdjson::UNCLOSED_STRING: return "has a text without an end";
        case simdjson::UNESCAPED_CHARS: return "has a control character in a text";
        case simdjson::CAPACITY: return "is too large";
        default: return "is not well-formed JSON";
    }
}

template <class Read>
bool parse(std::string_view text, Reader& in, Read read) {
    if (text.size() > kept_parser_bytes) return Parser{}.parse(text, in, read);
    thread_local Parser parser;
    return parser.parse(text, in, read);
}

bool walk_only_element(Reader& in, Value& root) {
    simdjson::ondemand::array array;
    if (root.at.get_array().get(array) != simdjson::SUCCESS) return in.malformed("is not well-formed JSON");
    bool found = false;
    for (auto next : array) {
        Value value;
        if (found) return in.malformed("is followed by something else");
        if (std::move(next).get(value.at) != simdjson::SUCCESS) return in.malformed("is not well-formed JSON");
        if (!in.walk(value, nullptr)) return false;
        found = true;
    }
    return found || in.malformed("is empty");
}

/// What is wrong with a refused text as JSON, whatever its schema: reading stops at the first fault, but a text that is
/// no JSON further on is malformed first of all.
bool is_malformed(std::string_view text, Violation& violation) {
    // The parser treats a lone scalar unlike other values; as the only element of an array it isn't one.
    std::string wrapped;
    wrapped.reserve(text.size() + 2);
    wrapped.append("[").append(text).append("]");
    Reader in{Unknown::ignored};
    const bool good = parse(wrapped, in, [&](Value& root) { return walk_only_element(in, root); });
    if (good || in.violation().kind != Kind::malformed) return false;
    violation = std::move(in.violation());
    return true;
}

std::optional<Violation> explained(std::string_view text, Reader& in) {
    if (in.violation().kind == Kind::invalid) is_malformed(text, in.violation());
    return std::move(in.violation());
}

}  // namespace

bool Parser::open(std::string_view text, Reader& in) {
    const auto needed = text.size() + simdjson::SIMDJSON_PADDING;
    if (padded_.size() < needed) padded_.resize(2 * needed);
    text.copy(padded_.data(), text.size());
    // Zeros, so that a document cut short can't find its end in what an earlier one left behind.
    std::memset(padded_.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    const auto error = parser_.iterate(padded_.data(), text.size(), padded_.size()).get(document_);
    return error == simdjson::SUCCESS || in.malformed(said(error));
}

std::optional<Violation> detail::read_document(std::string_view text, Unknown unknown, void* out, Read read) {
    Reader in{unknown};
    if (parse(text, in, [&](Value& root) { return read(in, root, out); })) return std::nullopt;
    return explained(text, in);
}

std::expected<std::string, Violation> peek_type(std::string_view text) {
    Reader in{Unknown::ignored};
    std::string type;
    const bool good = parse(text, in, [&](Value& root) {
        Seen seen;
        return in.each_field(root, [&](std::string_view name, Value& member) {
            if (name == "type") return in.once(seen, 0) && in.text(member, type);
            return in.walk(member, nullptr);
        }) && in.require(seen, 1, std::array<std::string_view, 1>{"type"});
    });
    if (!good) return std::unexpected(*explained(text, in));
    return type;
}

}  // namespace kiroku::json
