// infra/replay/where_tree.hpp: what the parser makes of an expression, and what its evaluation walks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "infra/replay/path.hpp"

namespace kiroku::replay {

struct Node;
using Branch = std::unique_ptr<const Node>;

using Literal = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Not {
    Branch of;
};

struct AllOf {
    std::vector<Branch> of;
};

struct AnyOf {
    std::vector<Branch> of;
};

enum class Operator { equal, unequal, less, at_most, greater, at_least, contains, starts_with, ends_with };

struct Comparison {
    Operator how;
    Branch left, right;
};

struct OneOf {
    Branch value;
    std::vector<Literal> of;
};

struct Node {
    std::variant<Literal, Path, Not, AllOf, AnyOf, Comparison, OneOf> is;
};

}  // namespace kiroku::replay
