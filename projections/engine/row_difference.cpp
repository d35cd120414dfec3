#include "projections/engine/row_difference.hpp"

#include <set>

namespace kiroku::projections {
namespace {

const TableFold::Texts* found_in(const RowsByKey& rows, const std::string& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? nullptr : &found->second;
}

void tell(const TableShape& shape, const std::string& key, const TableFold::Texts* live, const TableFold::Texts* folded,
          std::vector<Difference>& differences) {
    if (live == nullptr || folded == nullptr) {
        differences.push_back(
            {shape.name, key, "", live == nullptr ? "null" : "a row", folded == nullptr ? "null" : "a row"});
        return;
    }
    for (std::size_t column = 0; column < shape.columns.size(); ++column) {
        const auto& left = (*live)[column];
        const auto& right = (*folded)[column];
        if (left == right) continue;
        differences.push_back(
            {shape.name, key, shape.columns[column].name, left.value_or("null"), right.value_or("null")});
    }
}

}  // namespace

std::string key_of(const TableShape& shape, const TableFold::Texts& row) {
    std::string key;
    for (int column = 0; column < shape.key_columns(); ++column) {
        const auto at = static_cast<std::size_t>(column);
        if (!key.empty()) key += ',';
        key += shape.columns[at].name + '=' + row[at].value_or("null");
    }
    return key;
}

std::size_t compare_rows(const TableShape& shape, const RowsByKey& live, const RowsByKey& folded, std::size_t most,
                         std::vector<Difference>& differences) {
    std::set<std::string> keys;
    for (const auto& [key, row] : live) keys.insert(key);
    for (const auto& [key, row] : folded) keys.insert(key);
    std::size_t differing = 0;
    for (const auto& key : keys) {
        const auto* left = found_in(live, key);
        const auto* right = found_in(folded, key);
        if (left != nullptr && right != nullptr && *left == *right) continue;
        if (++differing <= most) tell(shape, key, left, right, differences);
    }
    return differing;
}

}  // namespace kiroku::projections
