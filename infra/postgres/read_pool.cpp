#include "infra/postgres/read_pool.hpp"

#include <utility>

namespace kiroku::postgres {
namespace {

constexpr std::chrono::milliseconds rest_after_failure{
    200};  // as long as this, an unreachable server isn't asked again

}  // namespace

ReadPool::ReadPool(Settings settings) : settings_(std::move(settings)) {
    settings_.session.read_only = true;
    for (int number = 0; number < settings_.connections; ++number) {
        threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

ReadPool::~ReadPool() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;  // whoever is told so and asks again is refused at once
    }
    for (auto& thread : threads_) thread.request_stop();
    threads_.clear();
    for (auto& task : std::exchange(tasks_, {}))
        refuse(task, {ReadError::Kind::unavailable, "the process is stopping"});
}

int ReadPool::waiting() const {
    const std::lock_guard lock{mutex_};
    return static_cast<int>(tasks_.size());
}

void ReadPool::submit(Task task) {
    std::unique_lock lock{mutex_};
    if (!stopping_ && static_cast<int>(tasks_.size()) < settings_.most_waiting) {
        tasks_.push_back(std::move(task));
        wake_.notify_one();
        return;
    }
    const bool stopping = stopping_;
    lock.unlock();
    if (stopping) return refuse(task, {ReadError::Kind::unavailable, "the process is stopping"});
    refuse(task, {ReadError::Kind::queue_full, "too many reads are waiting"});
}

void ReadPool::refuse(Task& task, ReadError error) {
    Seat seat{std::move(error)};
    task(seat);
}

void ReadPool::work(const std::stop_token& stop) {
    Seat seat{*this};
    for (;;) {
        std::unique_lock lock{mutex_};
        if (!wake_.wait(lock, stop, [this] { return !tasks_.empty(); }) || stop.stop_requested()) return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task(seat);
    }
}

Connection& ReadPool::Seat::connection() {
    if (connection_) return *connection_;
    {
        const std::lock_guard lock{pool_->mutex_};
        if (Clock::now() < pool_->unreachable_until_)
            throw ConnectionLost("PostgreSQL could not be reached a moment ago");
    }
    try {
        connection_ = std::make_unique<Connection>(pool_->settings_.session);
    } catch (const ConnectionLost&) {
        const std::lock_guard lock{pool_->mutex_};
        pool_->unreachable_until_ = Clock::now() + rest_after_failure;
        throw;
    }
    return *connection_;
}

ReadError ReadPool::Seat::failed(const DatabaseError& error) {
    using Kind = ReadError::Kind;
    if (dynamic_cast<const ConnectionLost*>(&error) != nullptr) {
        connection_.reset();
        return {Kind::unavailable, error.what()};
    }
    if (dynamic_cast<const Conflict*>(&error) != nullptr) return {Kind::unavailable, error.what()};
    return {Kind::failed, error.what()};
}

}  // namespace kiroku::postgres
