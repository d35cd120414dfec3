#include "projections/engine/worker.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::projections {

Worker::Worker(std::unique_ptr<Projector> projector, Ended ended, Watched watched)
    : projector_(std::move(projector)), ended_(std::move(ended)), watched_(watched) {
    projector_->count_in(watched_.counts);
}

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
        apply(chunks);
        if (queue_.events() >= batch_events) continue;
        std::size_t size = 0;
        for (const auto& chunk : chunks) size += chunk->size();
        const auto apart = (size < small_batch ? small_share : share) * (Clock::now() - begun);
        std::this_thread::sleep_until(begun + std::clamp(apart, Clock::duration{pace}, Clock::duration{longest_pace}));
    }
}

void Worker::apply(std::span<const ChunkPointer> chunks) {
    const auto begun = tracing::Clock::now();
    const auto begun_steadily = std::chrono::steady_clock::now();
    projector_->apply(chunks);
    if (watched_.spans != nullptr) tell_spans(chunks, begun);
    if (watched_.counts == nullptr) return;
    auto& counts = *watched_.counts;
    const auto took = std::chrono::steady_clock::now() - begun_steadily;
    counts.write_us += static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    ++counts.batches;
    for (const auto& chunk : chunks) {
        for (const auto& step : chunk->steps())
            if (checkpoints().contains(step.partition)) counts.events += step.events;
    }
}

/// Of the batch's decisions that are sampled: they are in the tables now.
void Worker::tell_spans(std::span<const ChunkPointer> chunks, tracing::Clock::time_point begun) {
    std::size_t told = 0;
    for (const auto& chunk : chunks) {
        for (const auto& step : chunk->steps()) {
            if (!step.trace.known() || !checkpoints().contains(step.partition) || told == most_spans) continue;
            auto span =
                tracing::hop(step.trace, tracing::SpanKind::consumer, "project " + projector_->model().name, begun);
            span.attributes = {{"kiroku.read_model", projector_->model().name},
                               {"messaging.system", "kafka"},
                               {"messaging.destination.name", step.partition.context + ".events"},
                               {"messaging.kafka.offset", step.after.next.value - 1}};
            watched_.spans->add(std::move(span));
            ++told;
        }
    }
}

void Worker::end(std::exception_ptr why) {
    queue_.close();
    ended_(std::move(why));
}

}  // namespace kiroku::projections
