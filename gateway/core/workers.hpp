// gateway/core/workers.hpp: threads for work that would keep the io thread busy, behind a bounded queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <vector>

#include "gateway/core/arrival.hpp"

namespace kiroku::gateway {

/// The threads are a little less urgent than the io thread. The destructor lets running work end and drops the rest.
class Workers {
public:
    Workers(net::io_context& io, std::size_t threads, std::size_t most_waiting);
    ~Workers();

    /// `work()` on one of the threads; null at once if the queue is full. What it throws ends the program.
    template <class Work>
    Task<std::optional<std::invoke_result_t<Work>>> run(Work work) {
        using Result = std::invoke_result_t<Work>;
        const Arrival<Result> arrival{io_};
        std::move_only_function<void()> job = [arrival, work = std::move(work)]() mutable { arrival.deliver(work()); };
        if (!submit(std::move(job))) return nothing<Result>();
        return result_of(arrival);
    }

    [[nodiscard]] std::size_t waiting() const;

private:
    using Job = std::move_only_function<void()>;

    template <class Result>
    static Task<std::optional<Result>> nothing() {
        co_return std::nullopt;
    }
    template <class Result>
    static Task<std::optional<Result>> result_of(Arrival<Result> arrival) {
        co_return co_await arrival.wait();
    }

    bool submit(Job job);
    void labour(const std::stop_token& stop);

    net::io_context& io_;
    const std::size_t most_waiting_;
    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<Job> jobs_;
    std::vector<std::jthread> threads_;
};

}  // namespace kiroku::gateway
