// gateway/core/arrival.hpp: a result that another thread will bring to a waiting coroutine.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "gateway/core/task.hpp"

namespace kiroku::gateway {

/// Copies share one result. Whoever brings it must do so before the io_context goes, and bounds the wait.
template <class T>
class Arrival {
public:
    explicit Arrival(net::io_context& io) : shared_{std::make_shared<Shared>(io)} {}

    /// Any thread, once.
    void deliver(T result) const {
        net::post(shared_->io,
                  [shared = shared_, result = std::move(result)]() mutable { shared->settle(std::move(result)); });
    }

    /// On the io thread, once.
    Task<T> wait() const { return wait_for(shared_); }

private:
    struct Shared {
        explicit Shared(net::io_context& io) : io{io} {}

        void settle(T value) {
            if (waiter) {
                std::exchange(waiter, nullptr)(std::move(value));
            } else {
                result = std::move(value);
            }
        }

        net::io_context& io;
        std::optional<T> result;
        std::move_only_function<void(T)> waiter;
    };

    static Task<T> wait_for(std::shared_ptr<Shared> shared) {
        if (shared->result) co_return std::move(*shared->result);
        const auto keep = [](auto handler, std::shared_ptr<Shared> until) { until->waiter = std::move(handler); };
        co_return co_await net::async_initiate<const net::use_awaitable_t<Executor>&, void(T)>(keep, resume, shared);
    }

    std::shared_ptr<Shared> shared_;
};

}  // namespace kiroku::gateway
