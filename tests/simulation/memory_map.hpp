// tests/simulation/memory_map.hpp: a store that a crash may cost the latest batches, as RocksDB's without a log.
#pragma once

#include <deque>
#include <map>

#include "infra/store/ordered_map.hpp"
#include "tests/simulation/crash_points.hpp"

namespace kiroku::sim {

class MemoryMap final : public store::OrderedMap {
public:
    explicit MemoryMap(CrashPoints* points = nullptr) : points_(points) {}

    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view group, const Take& take) const override;
    void last(std::string_view group, const Take& take) const override;
    void write(store::Batch& batch) override;
    void erase_all(std::string_view prefix) override;
    void flush() override;

    [[nodiscard]] int unflushed() const { return static_cast<int>(batches_.size()); }
    void lose_latest(int batches);  ///< of those that were not flushed
    void lose_all();

private:
    using Entries = std::map<std::string, std::string, std::less<>>;

    void pass(std::string_view point) const {
        if (points_ != nullptr) points_->pass(point);
    }

    CrashPoints* points_;
    Entries now_, flushed_;
    std::deque<Entries> batches_;
};

}  // namespace kiroku::sim
