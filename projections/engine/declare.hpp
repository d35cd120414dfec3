// projections/engine/declare.hpp: what a read model's own file needs to declare it.
//
//     projections::ReadModel progress() {
//         return projections::read_model("progress", 1, "how far am I?", {projections::folded<ProgressFold>()});
//     }
#pragma once

#include "projections/engine/fold_table.hpp"
#include "projections/engine/history_table.hpp"
#include "projections/engine/json_column.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// A table with what it reads.
struct DeclaredTable {
    ReadModel::MakeTable make;
    std::vector<std::string_view> types;
};

template <class Fold>
DeclaredTable folded() {
    return {[](Keep keep) -> std::unique_ptr<TableFold> { return std::make_unique<FoldTable<Fold>>(keep); },
            Fold::Events::types()};
}

template <class History>
DeclaredTable recorded() {
    return {[](Keep) -> std::unique_ptr<TableFold> { return std::make_unique<HistoryTable<History>>(); },
            History::Events::types()};
}

/// `question`: that it answers.
ReadModel read_model(std::string name, int shape, std::string question, const std::vector<DeclaredTable>& tables);

}  // namespace kiroku::projections
