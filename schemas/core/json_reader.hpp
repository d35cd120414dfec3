// schemas/core/json_reader.hpp: what generated codecs take JSON apart with; one pass, no tree, the first fault ends it.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/core/json.hpp"
#include "schemas/core/raw_json.hpp"
#include "schemas/core/time.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku::json {

using detail::Unknown;

/// A value not read yet. It must be read once, before the next one.
struct Value {
    simdjson::ondemand::value at;
};

struct Bounds {
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// Which members of an object were there.
struct Seen {
    std::uint64_t members = 0;
    std::vector<std::string_view> strangers;
};

/// Reads values of one document. Every function answers false when it found a fault, kept in `violation()`; nothing may
/// be read after that. Texts must not hold U+0000, which PostgreSQL can't store.
class Reader {
public:
    static constexpr int max_depth = 32;

    explicit Reader(Unknown unknown) : unknown_(unknown) {}

    Violation& violation() { return violation_; }
    bool malformed(std::string_view problem) { return fail(Kind::malformed, problem); }
    bool invalid(std::string_view problem) { return fail(Kind::invalid, problem); }

    bool text(Value& value, std::string& out, Bounds code_points = {});
    /// The text stays readable until the document's parser is used again.
    bool word(Value& value, std::string_view& out);
    bool boolean(Value& value, bool& out);
    bool uuid(Value& value, Uuid& out);
    bool instant(Value& value, Instant& out);
    bool date(Value& value, LocalDate& out);
    /// A 64-bit integer as a text of digits, never negative.
    bool decimal(Value& value, std::int64_t& out);
    /// Any value, kept as its text.
    bool any(Value& value, RawJson& out);
    bool object(Value& value, RawJson& out);
    bool constant(Value& value, std::string_view expected);
    /// Moves past a null; false for any other value, which can still be read.
    bool null(Value& value);

    template <class Integer>
    bool integer(Value& value, Integer& out, Bounds bounds) {
        std::int64_t wide = 0;
        if (!integer64(value, wide, bounds)) return false;
        out = static_cast<Integer>(wide);
        return true;
    }

    /// `visit(name, value) → bool` for each member.
    template <class Visit>
    bool each_field(Value& value, Visit visit);

    /// `read(value, T&) → bool` for each element.
    template <class T, class Read>
    bool items(Value& value, std::vector<T>& out, Bounds size, Read read);

    bool once(Seen& seen, unsigned member) {
        const std::uint64_t bit = std::uint64_t{1} << member;
        if ((seen.members & bit) != 0) return malformed("is there twice");
        seen.members |= bit;
        return true;
    }
    /// A member that the schema doesn't name.
    bool stranger(Seen& seen, std::string_view name, Value& value);
    bool require(const Seen& seen, std::uint64_t needed, std::span<const std::string_view> names) {
        return (seen.members & needed) == needed || missing(needed & ~seen.members, names);
    }

    /// Checks that all of a value is well-formed; appends it minified where `out` is given.
    bool walk(Value& value, std::string* out);

    /// Puts a step in front of the fault's path, on the way out.
    bool within(std::string_view name);
    bool within(std::size_t index);

private:
    bool fail(Kind kind, std::string_view problem);
    bool not_a(Value& value, std::string_view expected);
    bool out_of_bounds(std::string_view what, std::string_view unit, std::int64_t bound);
    bool integer64(Value& value, std::int64_t& out, Bounds bounds);
    bool check_size(std::size_t size, Bounds bounds);
    bool missing(std::uint64_t members, std::span<const std::string_view> names);
    bool walk_object(Value& value, std::string* out);
    bool walk_array(Value& value, std::string* out);
    bool walk_text(Value& value, std::string* out);
    bool walk_number(Value& value, std::string* out);
    bool enter();
    void leave() { --depth_; }

    Unknown unknown_;
    int depth_ = 0;
    Violation violation_;
};

/// A parser with its buffers, to be kept and used again; one thread at a time.
class Parser {
public:
    /// `text` is copied. `read(Value&) → bool` gets the root, an object or array; what it leaves unread is an error.
    template <class Read>
    bool parse(std::string_view text, Reader& in, Read read);

private:
    bool open(std::string_view text, Reader& in);

    simdjson::ondemand::parser parser_;
    simdjson::ondemand::document document_;
    std::string padded_;
};

template <class Visit>
bool Reader::each_field(Value& value, Visit visit) {
    simdjson::ondemand::object object;
    if (value.at.get_object().get(object) != simdjson::SUCCESS) return not_a(value, "must be an object");
    if (!enter()) return false;
    for (auto next : object) {
        simdjson::ondemand::field field;
        std::string_view name;
        if (std::move(next).get(field) != simdjson::SUCCESS) return malformed("is not well-formed JSON");
        if (field.unescaped_key().get(name) != simdjson::SUCCESS) return malformed("has a name that is not a text");
        Value member{field.value()};
        if (!visit(name, member)) return within(name);
    }
    leave();
    return true;
}

template <class T, class Read>
bool Reader::items(Value& value, std::vector<T>& out, Bounds size, Read read) {
    simdjson::ondemand::array array;
    if (value.at.get_array().get(array) != simdjson::SUCCESS) return not_a(value, "must be an array");
    if (!enter()) return false;
    for (auto next : array) {
        Value item;
        if (std::move(next).get(item.at) != simdjson::SUCCESS) return malformed("is not well-formed JSON");
        if (out.size() == static_cast<std::size_t>(size.max)) return check_size(out.size() + 1, size);
        if (!read(item, out.emplace_back())) return within(out.size() - 1);
    }
    leave();
    return check_size(out.size(), size);
}

template <class Read>
bool Parser::parse(std::string_view text, Reader& in, Read read) {
    if (!open(text, in)) return false;
    Value root;
    if (document_.get_value().get(root.at) != simdjson::SUCCESS) return in.invalid("must be an object");
    if (!read(root)) return false;
    // There is no location any more where nothing is left.
    return document_.current_location().error() == simdjson::OUT_OF_BOUNDS ||
           in.malformed("is followed by something else");
}

}  // namespace kiroku::json
