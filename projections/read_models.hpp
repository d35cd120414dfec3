// projections/read_models.hpp: all read models that there are.
#pragma once

#include <vector>

#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

std::vector<ReadModel> all_read_models();

}  // namespace kiroku::projections
