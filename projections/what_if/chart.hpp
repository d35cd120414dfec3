// projections/what_if/chart.hpp: a comparison as a picture: how levels are spread, and who moves most.
#pragma once

#include <string>
#include <string_view>

#include "projections/what_if/comparison.hpp"

namespace kiroku::what_if {

/// One SVG file that needs nothing else, for light and dark surroundings. `subtitle`: what was compared, in a line.
std::string as_svg(const Comparison& comparison, std::string_view subtitle);

}  // namespace kiroku::what_if
