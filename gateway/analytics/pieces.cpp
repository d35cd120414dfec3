// gateway/analytics/pieces.cpp: a body on its way from the thread that makes it to the io thread that sends it.
#include "gateway/analytics/pieces.hpp"

#include <utility>

namespace kiroku::gateway {

void Pieces::deliver(std::string piece) {
    reader_->deliver(std::move(piece));
    reader_.reset();
}

bool Pieces::put(std::string piece) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [this] { return given_up_ || waiting_.size() < most_waiting; });
    if (given_up_) return false;
    if (reader_) {
        deliver(std::move(piece));
    } else {
        waiting_.push_back(std::move(piece));
    }
    return true;
}

void Pieces::end() {
    const std::scoped_lock lock{mutex_};
    ended_ = true;
    if (reader_) deliver({});
}

bool Pieces::given_up() const {
    const std::scoped_lock lock{mutex_};
    return given_up_;
}

Task<std::string> Pieces::next() {
    std::unique_lock lock{mutex_};
    if (!waiting_.empty()) {
        std::string piece = std::move(waiting_.front());
        waiting_.pop_front();
        room_.notify_one();
        co_return piece;
    }
    if (ended_ || given_up_) co_return std::string{};
    const Arrival<std::string> arrival{io_};
    reader_ = arrival;
    lock.unlock();
    co_return co_await arrival.wait();
}

void Pieces::give_up() {
    const std::scoped_lock lock{mutex_};
    given_up_ = true;
    waiting_.clear();
    room_.notify_one();
    if (reader_) deliver({});
}

}  // namespace kiroku::gateway
