// gateway/realtime/outbox.cpp: what one connection still has to be sent, and how much of it may pile up.
#include "gateway/realtime/outbox.hpp"

namespace kiroku::gateway::realtime {

void Outbox::push(Frame frame) {
    if (closing_) return;
    if (size() >= bounds_.frames || bytes_ + frame->size() > bounds_.bytes) {
        clear();
        close(CloseCode::too_slow, "too slow: come back and go on from the last position");
        return;
    }
    bytes_ += frame->size();
    frames_.push_back(std::move(frame));
    on_change_();
}

Frame Outbox::take() {
    auto frame = std::move(frames_[taken_++]);
    bytes_ -= frame->size();
    if (empty()) {
        clear();
    } else if (2 * taken_ > frames_.size()) {
        frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
    }
    return frame;
}

void Outbox::close(CloseCode code, std::string reason) {
    if (closing_) return;
    closing_ = Close{code, std::move(reason)};
    on_change_();
}

void Outbox::end() {
    on_change_ = [] {};
    clear();
    close(CloseCode::going_away, "");
}

void Outbox::clear() {
    frames_ = {};
    taken_ = 0;
    bytes_ = 0;
}

}  // namespace kiroku::gateway::realtime
