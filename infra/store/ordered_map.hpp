// infra/store/ordered_map.hpp: an ordered map of bytes for caches that can be made anew.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kiroku::store {

/// The files are damaged, or the disk refuses. The remedy is to remove them: all of it can be read again elsewhere.
struct StoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Changes that happen together or not at all.
class Batch {
public:
    void put(std::string_view key, std::string_view value) {
        entries_.push_back({bytes_.size(), key.size(), value.size()});
        bytes_ += key;
        bytes_ += value;
    }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

    /// By place in the order of putting; views until the batch changes.
    [[nodiscard]] std::string_view key(std::size_t place) const {
        const auto& entry = entries_[place];
        return std::string_view{bytes_}.substr(entry.from, entry.key);
    }
    [[nodiscard]] std::string_view value(std::size_t place) const {
        const auto& entry = entries_[place];
        return std::string_view{bytes_}.substr(entry.from + entry.key, entry.value);
    }
    void clear() {
        entries_.clear();
        bytes_.clear();
    }

private:
    struct Entry {
        std::size_t from, key, value;
    };
    std::vector<Entry> entries_;
    std::string bytes_;  // each key, and its value behind it
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

    /// The same for tens of megabytes at a time, which are sorted and written while the caller goes on. Such batches
    /// are written one after the other, but not readable before they have been waited for; nothing else may be written
    /// about their keys until then. Leaves an empty batch. Returns which one it is.
    virtual std::uint64_t load(Batch& batch) {
        write(batch);
        return 0;
    }
    virtual void wait_for(std::uint64_t /*load*/) {}

    virtual void erase_all(std::string_view prefix) = 0;
    virtual void flush() = 0;  ///< so that nothing of it can be lost in a crash
};

}  // namespace kiroku::store
