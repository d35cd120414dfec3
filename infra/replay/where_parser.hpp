// infra/replay/where_parser.hpp: from an expression's text to its tree.
#pragma once

#include <expected>
#include <string_view>

#include "infra/replay/where_tree.hpp"

namespace kiroku::replay {

inline constexpr std::size_t longest_expression = 4'096;  ///< bytes
inline constexpr int deepest_expression = 64;             ///< parentheses and `!` within each other

std::expected<Branch, SyntaxError> parse_where(std::string_view text);

}  // namespace kiroku::replay
