// infra/store/sorted_loads.hpp: large batches, sorted and handed on by a thread of its own, one after the other.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "infra/store/ordered_map.hpp"

namespace kiroku::store {

class SortedLoads {
public:
    /// Is given a batch and the places of its keys in their order; of equal keys only the last that was put.
    using TakeIn = std::function<void(const Batch& batch, std::span<const std::size_t> sorted)>;

    /// Starts its thread with the first batch.
    explicit SortedLoads(TakeIn take_in) : take_in_(std::move(take_in)) {}
    ~SortedLoads();

    /// Takes it away and leaves an empty one, with the room of an earlier one. Waits while a few are waiting already.
    /// Returns which one it is. Throws what went wrong with an earlier one: nothing is taken in after that.
    std::uint64_t add(Batch& batch);

    /// Until it has been taken in. Throws what went wrong.
    void wait_for(std::uint64_t load);

private:
    void run(const std::stop_token& stop);
    void expect_no_failure() const;

    TakeIn take_in_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Batch> waiting_;
    std::vector<Batch> emptied_;
    std::uint64_t added_ = 0, done_ = 0;
    std::exception_ptr failure_;
    std::jthread thread_;
};

}  // namespace kiroku::store
