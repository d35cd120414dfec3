#include "projections/engine/chunk_queue.hpp"

namespace kiroku::projections {

bool ChunkQueue::put(ChunkPointer chunk, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [this] { return closed_ || events_ < most_events; });
    if (closed_ || stop.stop_requested()) return false;
    events_ += chunk->size();
    chunks_.push_back(std::move(chunk));
    changed_.notify_all();
    return true;
}

std::vector<ChunkPointer> ChunkQueue::take(std::size_t most, std::chrono::milliseconds within,
                                           const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, stop, within, [this] { return !chunks_.empty(); });
    std::vector<ChunkPointer> taken;
    if (stop.stop_requested()) return taken;
    for (std::size_t events = 0; !chunks_.empty() && events < most; chunks_.pop_front()) {
        events += chunks_.front()->size();
        events_ -= chunks_.front()->size();
        taken.push_back(std::move(chunks_.front()));
    }
    changed_.notify_all();
    return taken;
}

std::size_t ChunkQueue::events() const {
    const std::lock_guard lock{mutex_};
    return events_;
}

void ChunkQueue::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
}

}  // namespace kiroku::projections
