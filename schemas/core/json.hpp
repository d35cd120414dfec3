// schemas/core/json.hpp: generated types from JSON text and back.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "schemas/core/versions.hpp"

/// Include the `codec.hpp` of the types in question too: the functions found there do the work. No JSON library shows
/// here.
namespace kiroku::json {

enum class Kind {
    malformed,  ///< not JSON: bad syntax or UTF-8, a name twice in an object, deeper than 32 levels, something behind
                ///< the value
    invalid,    ///< JSON, but not what the schema says
};

/// Why a text was refused.
struct Violation {
    Kind kind = Kind::invalid;
    std::string path;     ///< JSON Pointer to the culprit; for a missing member, to where it should be
    std::string problem;  ///< what is wrong, fit to follow the path: "must be at least 1"

    bool operator==(const Violation&) const = default;
};

class Reader;
struct Value;

namespace detail {

enum class Unknown { ignored, refused };
using Read = bool (*)(Reader&, Value&, void*);

std::optional<Violation> read_document(std::string_view text, Unknown unknown, void* out, Read read);

template <class T>
constexpr Unknown unknown_members() {
    if constexpr (requires { T::closed; }) return T::closed ? Unknown::refused : Unknown::ignored;
    return Unknown::ignored;
}

}  // namespace detail

/// Reads one whole JSON text. Members that the schema doesn't name are refused where it says so (commands, requests and
/// other `closed` types), else ignored. `text` needs no padding. Any thread; doesn't throw but for want of memory.
template <class T>
std::expected<T, Violation> decode(std::string_view text) {
    std::expected<T, Violation> decoded{};
    const detail::Read read = [](Reader& in, Value& value, void* out) {
        return read_json(in, value, *static_cast<T*>(out));
    };
    if (auto violation = detail::read_document(text, detail::unknown_members<T>(), &*decoded, read)) {
        return std::unexpected(std::move(*violation));
    }
    return decoded;
}

/// The same for a text that was written as `type`, T's own or that of an older version, which is upcast. Whether
/// `reads_as<T>(type)` must have been asked.
template <class T>
std::expected<T, Violation> decode_as(std::string_view type, std::string_view text) {
    if constexpr (HasBefore<T>) {
        if (type != T::type) {
            auto older = decode_as<typename T::Before>(type, text);
            if (!older) return std::unexpected(std::move(older.error()));
            return upcast(*older);
        }
    }
    return decode<T>(text);
}

/// Reads `text` into the alternative that `type` is read as. A type that none has is `invalid` with an empty path.
template <class Variant>
std::expected<Variant, Violation> decode_variant(std::string_view type, std::string_view text) {
    std::expected<Variant, Violation> decoded = std::unexpected(Violation{Kind::invalid, "", "has an unknown type"});
    [&]<class... T>(std::type_identity<std::variant<T...>>) {
        const auto read = [&]<class One>(std::type_identity<One>) {
            if (auto one = decode_as<One>(type, text)) {
                decoded = std::move(*one);
            } else {
                decoded = std::unexpected(std::move(one.error()));
            }
        };
        (void)((reads_as<T>(type) && (read(std::type_identity<T>{}), true)) || ...);
    }(std::type_identity<Variant>{});
    return decoded;
}

/// The same for a text that names its type itself, in its member `type` (WebSocket messages).
std::expected<std::string, Violation> peek_type(std::string_view text);

template <class Variant>
std::expected<Variant, Violation> decode_tagged(std::string_view text) {
    auto type = peek_type(text);
    if (!type) return std::unexpected(std::move(type.error()));
    auto decoded = decode_variant<Variant>(*type, text);
    if (!decoded && decoded.error().path.empty() && decoded.error().kind == Kind::invalid)
        decoded.error().path = "/type";
    return decoded;
}

/// The wire type of what `event` holds: "identity.user_registered.v1".
template <class... T>
constexpr std::string_view type_of(const std::variant<T...>& event) {
    return std::visit([](const auto& one) { return std::string_view{std::remove_cvref_t<decltype(one)>::type}; },
                      event);
}

/// Appends JSON: no spaces, members in the order of the schema, absent ones left out.
template <class T>
void encode(const T& value, std::string& out) {
    write_json(out, value);
}

template <class... T>
void encode(const std::variant<T...>& value, std::string& out) {
    std::visit([&](const auto& one) { write_json(out, one); }, value);
}

template <class T>
std::string encode(const T& value) {
    std::string out;
    encode(value, out);
    return out;
}

}  // namespace kiroku::json
