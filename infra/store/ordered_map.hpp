// infra/store/ordered_map.hpp: an ordered map of bytes for caches that can be made anew.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiroku::store {

/// The files are damaged, or the disk refuses. The remedy is to remove them: all of it can be read again elsewhere.
struct StoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Changes that happen together or not at all.
class Batch {
public:
    void put(std::string key, std::string value) { entries_.emplace_back(std::move(key), std::move(value)); }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }
    [[nodiscard]] int size() const { return static_cast<int>(entries_.size()); }
    void clear() { entries_.clear(); }

private:
    std::vector<std::pair<std::string, std::string>> entries_;
};

/// Keys that differ only in their last bytes, a number, are a group: its entries are found as fast as one of them.
/// A crash may lose the latest batches, always a tail of them and never a part of one. Safe to use from several
/// threads. All calls throw StoreError.
class OrderedMap {
public:
    virtual ~OrderedMap() = default;

    static constexpr std::size_t number_size = 8;

    [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) const = 0;

    using Take = std::function<void(std::string_view key, std::string_view value)>;  ///< views for the call
    /// Each entry of the group, a key without its number, in order.
    virtual void scan(std::string_view group, const Take& take) const = 0;
    virtual void last(std::string_view group, const Take& take) const = 0;  ///< the last of them, if there is one

    virtual void write(Batch& batch) = 0;  ///< and empties it
    virtual void erase_all(std::string_view prefix) = 0;
    virtual void flush() = 0;  ///< so that nothing of it can be lost in a crash
};

}  // namespace kiroku::store
