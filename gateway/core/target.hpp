// gateway/core/target.hpp: what a request is about: the path and the query behind it, decoded once.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiroku::gateway {

/// Query parameters, decoded, each at most once, in the order they came in.
class Query {
public:
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return parameters_; }

private:
    friend std::expected<Query, std::string> read_query(std::string_view text);
    std::vector<std::pair<std::string, std::string>> parameters_;
};

struct Target {
    std::string path;  ///< begins with '/'; holds no escapes, no dot segments, no control characters
    Query query;
};

/// Reads an origin-form target ("/challenges?type=custom"). The error says what is wrong with it. Refused, because it
/// can be read in two ways: other forms, broken escapes, escaped separators and controls, escapes within escapes, text
/// that is not UTF-8, dot segments, a parameter told twice.
std::expected<Target, std::string> read_target(std::string_view target);

/// As part of a query: all but unreserved characters as escapes (RFC 3986, section 2.3).
std::string escaped(std::string_view text);

/// Whether this is well-formed UTF-8 without control characters.
bool is_plain_text(std::string_view text);

}  // namespace kiroku::gateway
