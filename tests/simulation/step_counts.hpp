// tests/simulation/step_counts.hpp: a read model of the simulation's own: a row a counter, by the engine's own fold.
#pragma once

#include "projections/engine/read_model.hpp"

namespace kiroku::sim {

/// `step_counts`: counter, its total, and how many events made it.
projections::ReadModel step_counts();

}  // namespace kiroku::sim
