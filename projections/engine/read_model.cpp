#include "projections/engine/read_model.hpp"

#include <set>

#include "projections/engine/declare.hpp"

namespace kiroku::projections {

std::vector<std::unique_ptr<TableFold>> ReadModel::make_tables(Keep keep) const {
    std::vector<std::unique_ptr<TableFold>> made;
    for (const auto make : tables) made.push_back(make(keep));
    return made;
}

ReadModel read_model(std::string name, int shape, std::string question, const std::vector<DeclaredTable>& tables) {
    ReadModel model{
        .name = std::move(name), .question = std::move(question), .shape = shape, .contexts = {}, .tables = {}};
    std::set<std::string> contexts;
    for (const auto& table : tables) {
        model.tables.push_back(table.make);
        for (const auto type : table.types) contexts.emplace(type.substr(0, type.find('.')));
    }
    model.contexts.assign(contexts.begin(), contexts.end());
    return model;
}

}  // namespace kiroku::projections
