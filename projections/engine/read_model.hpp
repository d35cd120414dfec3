// projections/engine/read_model.hpp: what the engine is told about a read model: its name, its tables, what it reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

/// Made by the read model's own file, with what declare.hpp offers.
struct ReadModel {
    using MakeTable = std::unique_ptr<TableFold> (*)(Keep);

    std::string name;
    std::string question;               ///< that it answers, as in "how far am I?"
    int shape = 1;                      ///< another number for other columns, or for another fold
    std::vector<std::string> contexts;  ///< whose events it reads, sorted
    std::vector<MakeTable> tables;

    [[nodiscard]] std::vector<std::unique_ptr<TableFold>> make_tables(Keep keep) const;
};

}  // namespace kiroku::projections
