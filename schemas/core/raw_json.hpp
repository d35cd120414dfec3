// schemas/core/raw_json.hpp: a JSON value that Kiroku keeps and hands on without looking inside.
#pragma once

#include <string>

namespace kiroku {

/// Holds one well-formed JSON value: minified, members in the order given, strings escaped in one way only, so that
/// equal texts are equal values. Whoever makes one by hand vouches for its text.
struct RawJson {
    std::string text = "null";

    bool operator==(const RawJson&) const = default;
};

}  // namespace kiroku
