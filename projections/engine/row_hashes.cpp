#include "projections/engine/row_hashes.hpp"

#include <functional>

namespace kiroku::projections {
namespace {

constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ULL;
constexpr std::uint64_t null = 0x6E756C6CULL;

std::uint64_t hash_of(const TableFold::Texts& row, std::size_t columns) {
    std::uint64_t hash = golden;
    for (std::size_t column = 0; column < columns; ++column) {
        const auto& text = row[column];
        hash = (hash ^ (text ? std::hash<std::string_view>{}(*text) : null)) * golden;
        hash ^= hash >> 29;
    }
    return hash;
}

}  // namespace

std::size_t RowHashes::range_of(const TableFold::Texts& row) const {
    return hash_of(row, static_cast<std::size_t>(key_columns_)) % ranges;
}

void RowHashes::add(std::size_t range, const TableFold::Texts& row) {
    ++counts_[range];
    sums_[range] += hash_of(row, row.size());
}

std::set<std::size_t> RowHashes::differing(const RowHashes& other) const {
    std::set<std::size_t> found;
    for (std::size_t range = 0; range < ranges; ++range) {
        if (counts_[range] != other.counts_[range] || sums_[range] != other.sums_[range]) found.insert(range);
    }
    return found;
}

}  // namespace kiroku::projections
