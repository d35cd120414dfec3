// tests/simulation/exhaustive.hpp: every state of the log protocol within small bounds, with the real rule for what
// counts.
//
// One partition, two owners that take turns, three commands of one or two events, two producers' sessions, and one
// message that may be lost. Owners may end or go on at any time, sessions deliver in order, but as late as they like.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "infra/log/validity.hpp"

namespace kiroku::sim {

struct SearchRule {
    log::Rule validity{};
    bool proof = true;  ///< success is told only when the log proves it
};

struct Found {
    std::string fault{};                 ///< empty: none in any state
    std::vector<std::string> history{};  ///< the shortest that leads there
    std::size_t states = 0;              ///< that were visited
};

/// Breadth first: in each state each command's decision must be readable at most once, whole and in order, must have
/// been made on exactly what it extends, and be there for good if it was told.
Found search(const SearchRule& rule);

std::vector<std::string> parts_of_the_search();
SearchRule without(const std::string& part);

}  // namespace kiroku::sim
