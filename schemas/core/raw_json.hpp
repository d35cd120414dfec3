// schemas/core/raw_json.hpp: a JSON value that Kiroku keeps and hands on without looking inside.
#pragma once

#include <string>
#include <string_view>

namespace kiroku {

/// Holds one well-formed JSON value: minified, members in the order given, strings escaped in one way only, so that
/// equal texts are equal values. Whoever makes one by hand vouches for its text.
struct RawJson {
    std::string text = "null";

    bool operator==(const RawJson&) const = default;
};

/// The same value as every other text of it: members by name, numbers as doubles print, no spaces. A text that is no
/// JSON stays as it is.
std::string canonical_json(std::string_view text);

}  // namespace kiroku
