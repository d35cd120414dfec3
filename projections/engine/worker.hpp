// projections/engine/worker.hpp: one read model's own thread and connection, fed by a pass over the log.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <thread>

#include "projections/engine/chunk_queue.hpp"
#include "projections/engine/projector.hpp"

namespace kiroku::projections {

/// Writes as soon as there is something to write. But batches begin at least `pace` apart, and writing takes no more
/// than half of the time, or a third of it as soon as batches aren't small, unless it is far behind: so under load
/// batches grow rather than their number. (A transaction costs what 50 rows do, and what is saved decides commands.)
class Worker {
public:
    static constexpr std::size_t batch_events = 5'000;
    static constexpr std::chrono::milliseconds pace{2};
    static constexpr std::chrono::milliseconds longest_pace{60};
    static constexpr int share = 3, small_share = 2;
    static constexpr std::size_t small_batch = 100;                ///< events and steps
    static constexpr std::chrono::milliseconds look_every{2'000};  ///< whether the tables are where they were left
    static constexpr std::size_t most_spans = 64;                  ///< of a batch

    /// Told once, on the worker's thread, when it can't go on: why, or null where another projector has taken over.
    using Ended = std::function<void(std::exception_ptr)>;

    /// `projector` has claimed its read model.
    Worker(std::unique_ptr<Projector> projector, Ended ended, Watched watched = {});

    /// Lets the running batch end.
    ~Worker();

    [[nodiscard]] const ReadModel& model() const { return projector_->model(); }

    /// From where it wants the log. Only before `start`.
    [[nodiscard]] const Checkpoints& checkpoints() const { return projector_->checkpoints(); }

    void start();

    /// Waits while the worker is far behind. False: it has ended.
    bool give(const ChunkPointer& chunk, const std::stop_token& stop) { return queue_.put(chunk, stop); }

private:
    void work(const std::stop_token& stop);
    void end(std::exception_ptr why);
    void apply(std::span<const ChunkPointer> chunks);
    void tell_spans(std::span<const ChunkPointer> chunks, tracing::Clock::time_point begun);

    std::unique_ptr<Projector> projector_;
    Ended ended_;
    Watched watched_;
    ChunkQueue queue_;
    std::jthread thread_;
};

}  // namespace kiroku::projections
