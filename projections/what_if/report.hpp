// projections/what_if/report.hpp: a comparison as people read it on a terminal, and as programs do.
#pragma once

#include <string>

#include "projections/what_if/comparison.hpp"

namespace kiroku::what_if {

/// Tables and bars, at most `width` columns wide.
std::string as_text(const Comparison& comparison, std::size_t width);

/// The members of a JSON object: `"learners":3,"before":{…},"after":{…},"levels":[…],"risers":[…]…`.
std::string as_json_members(const Comparison& comparison);

/// "1,234,567".
std::string grouped(std::int64_t number);

/// "3", or "3–5".
std::string name_of(const LevelRange& range);

/// What the learner is called, or else who it is.
std::string name_of(const Move& move);

}  // namespace kiroku::what_if
