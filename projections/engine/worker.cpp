#include "projections/engine/worker.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::projections {

Worker::Worker(std::unique_ptr<Projector> projector, Ended ended)
    : projector_(std::move(projector)), ended_(std::move(ended)) {}

Worker::~Worker() = default;

void Worker::start() {
    thread_ = std::jthread{[this](const std::stop_token& stop) {
        try {
            work(stop);
        } catch (const Fenced& fenced) {
            spdlog::warn("{}; stepping down", fenced.what());
            end(nullptr);
        } catch (const Stopped&) {
            queue_.close();
        } catch (...) {
            end(std::current_exception());
        }
    }};
}

void Worker::work(const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    for (;;) {
        const auto chunks = queue_.take(batch_events, look_every, stop);
        if (stop.stop_requested()) return;
        if (chunks.empty()) {
            projector_->look();
            continue;
        }
        const auto begun = Clock::now();
        projector_->apply(chunks);
        if (queue_.events() >= batch_events) continue;
        std::size_t size = 0;
        for (const auto& chunk : chunks) size += chunk->size();
        const auto apart = (size < small_batch ? small_share : share) * (Clock::now() - begun);
        std::this_thread::sleep_until(begun + std::clamp(apart, Clock::duration{pace}, Clock::duration{longest_pace}));
    }
}

void Worker::end(std::exception_ptr why) {
    queue_.close();
    ended_(std::move(why));
}

}  // namespace kiroku::projections
