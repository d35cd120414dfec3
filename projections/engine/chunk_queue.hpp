// projections/engine/chunk_queue.hpp: between the one who reads the log and one who writes a read model; bounded.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <vector>

#include "projections/engine/chunk.hpp"

namespace kiroku::projections {

class ChunkQueue {
public:
    static constexpr std::size_t most_events = 20'000;  ///< waiting; beyond it the reader waits for the writer

    /// Waits while it is full. False: nobody takes from it any more, or a stop was asked for.
    bool put(ChunkPointer chunk, const std::stop_token& stop);

    /// Waits for something, then takes whole chunks, up to about `most` events. Empty: nothing came `within` that time,
    /// or a stop was asked for.
    std::vector<ChunkPointer> take(std::size_t most, std::chrono::milliseconds within, const std::stop_token& stop);

    [[nodiscard]] std::size_t events() const;  ///< waiting

    /// Whoever takes from it has ended.
    void close();

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<ChunkPointer> chunks_;
    std::size_t events_ = 0;
    bool closed_ = false;
};

}  // namespace kiroku::projections
