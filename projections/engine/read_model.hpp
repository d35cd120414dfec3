// projections/engine/read_model.hpp: what the engine is told about a read model: its name, its tables, what it reads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

/// Made by the read model's own file: `read_model("progress", 1, folded<Progress>())`.
struct ReadModel {
    std::string name;
    int shape = 1;  ///< another number for other columns, or for another fold
    std::vector<std::string> contexts;
    std::vector<std::function<std::unique_ptr<TableFold>()>> tables;
};

}  // namespace kiroku::projections
