// projections/engine/row_hashes.hpp: whether two tables hold the same rows, told by a few numbers: rows fall into
// ranges by a hash of their key, and each range has a sum of its rows' hashes.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

class RowHashes {
public:
    static constexpr std::size_t ranges = 4'096;

    /// `key_columns`: how many of a row's first columns are its key.
    explicit RowHashes(int key_columns) : key_columns_(key_columns), counts_(ranges), sums_(ranges) {}

    [[nodiscard]] std::size_t range_of(const TableFold::Texts& row) const;
    void add(std::size_t range, const TableFold::Texts& row);

    [[nodiscard]] std::uint64_t rows(std::size_t range) const { return counts_[range]; }
    [[nodiscard]] std::set<std::size_t> differing(const RowHashes& other) const;

private:
    int key_columns_;
    std::vector<std::uint64_t> counts_, sums_;
};

}  // namespace kiroku::projections
