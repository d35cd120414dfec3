// gateway/core/workers.cpp: threads for work that would keep the io thread busy, behind a bounded queue.
#include "gateway/core/workers.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace kiroku::gateway {
namespace {

constexpr int less_urgent = 5;

}  // namespace

Workers::Workers(net::io_context& io, std::size_t threads, std::size_t most_waiting)
    : io_{io}, most_waiting_{most_waiting} {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { labour(stop); });
    }
}

Workers::~Workers() {
    for (auto& thread : threads_) thread.request_stop();
    wake_.notify_all();
}

std::size_t Workers::waiting() const {
    const std::scoped_lock lock{mutex_};
    return jobs_.size();
}

bool Workers::submit(Job job) {
    {
        const std::scoped_lock lock{mutex_};
        if (jobs_.size() >= most_waiting_) return false;
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
}

void Workers::labour(const std::stop_token& stop) {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), less_urgent);
    for (;;) {
        std::unique_lock lock{mutex_};
        if (!wake_.wait(lock, stop, [this] { return !jobs_.empty(); }) || stop.stop_requested()) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
    }
}

}  // namespace kiroku::gateway
