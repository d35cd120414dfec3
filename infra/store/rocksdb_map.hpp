// infra/store/rocksdb_map.hpp: an ordered map on this machine's disk.
#pragma once

#include <filesystem>
#include <memory>

#include "infra/store/ordered_map.hpp"
#include "infra/store/sorted_loads.hpp"

namespace kiroku::store {

/// Another process has the directory open.
struct StoreInUse : StoreError {
    using StoreError::StoreError;
};

/// RocksDB, without a write-ahead log.
class RocksdbMap final : public OrderedMap {
public:
    /// Opens or creates. Throws StoreInUse if another process has it, StoreError if it is damaged.
    explicit RocksdbMap(const std::filesystem::path& directory);
    ~RocksdbMap() override;

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view group, const Take& take) const override;
    void last(std::string_view group, const Take& take) const override;
    void all(const Take& take) const;  ///< every entry there is, in order; slow, for looking into a map
    void write(Batch& batch) override;
    std::uint64_t load(Batch& batch) override;
    void wait_for(std::uint64_t load) override;
    void erase_all(std::string_view prefix) override;
    void flush() override;

    /// Removes the files of a map that nobody has open.
    static void destroy(const std::filesystem::path& directory);

private:
    void take_in(const Batch& batch, std::span<const std::size_t> sorted);

    struct Database;
    std::unique_ptr<Database> database_;
    std::unique_ptr<SortedLoads> loads_;  // ends before the database does
};

}  // namespace kiroku::store
