// projections/engine/dictionary.hpp: the data dictionary: what read models' tables mean, from their declarations.
#pragma once

#include <span>
#include <string>

#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// A section for each read model, a table for each of its tables.
std::string dictionary_as_markdown(std::span<const ReadModel> models);

/// An array with an object for each read model.
std::string dictionary_as_json(std::span<const ReadModel> models);

}  // namespace kiroku::projections
