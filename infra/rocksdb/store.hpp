// infra/rocksdb/store.hpp: an ordered map of bytes on this machine's disk, for caches that can be made anew.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kiroku::rocksdb {

/// The files are damaged, or the disk refuses. The remedy is to remove them: all of it can be read again elsewhere.
struct StoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Another process has the directory open.
struct StoreInUse : StoreError {
    using StoreError::StoreError;
};

/// Changes that happen together or not at all.
class Batch {
public:
    Batch();
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    void put(std::string_view key, std::string_view value);
    [[nodiscard]] bool empty() const;
    [[nodiscard]] int size() const;

private:
    friend class Store;
    struct Changes;
    std::unique_ptr<Changes> changes_;
};

/// Without a write-ahead log: a crash may lose the latest batches, always a tail of them and never a part of one.
/// Safe to use from several threads. All calls throw StoreError.
class Store {
public:
    /// Opens or creates. Throws StoreInUse if another process has it.
    Store(const std::filesystem::path& directory);
    ~Store();

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const;

    using Take = std::function<void(std::string_view key, std::string_view value)>;  ///< views for the call
    /// Each entry whose key starts with `prefix`, in order.
    void scan(std::string_view prefix, const Take& take) const;
    void last(std::string_view prefix, const Take& take) const;  ///< the last of them, if there is one

    void write(Batch& batch);  ///< and empties it
    void erase_all(std::string_view prefix);
    void flush();  ///< to disk, so that nothing needs to be read again

    /// Removes the files of a store that nobody has open.
    static void destroy(const std::filesystem::path& directory);

private:
    struct Database;
    std::unique_ptr<Database> database_;
};

}  // namespace kiroku::rocksdb
