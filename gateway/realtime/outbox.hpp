// gateway/realtime/outbox.hpp: what one connection still has to be sent, and how much of it may pile up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/realtime/close_code.hpp"

namespace kiroku::gateway::realtime {

/// A message, shared by all who get it.
using Frame = std::shared_ptr<const std::string>;

/// A bounded queue. A reader for whom it would overflow is closed instead: nobody waits for anybody, nothing is left
/// out. An empty one owns no memory.
class Outbox {
public:
    struct Bounds {
        std::size_t frames = 256;
        std::size_t bytes = std::size_t{1} << 20;
    };

    /// `on_change` is called when there is something to send or a reason to close; it may `take`, but not push.
    Outbox(Bounds bounds, std::function<void()> on_change) : bounds_(bounds), on_change_(std::move(on_change)) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    void push(Frame frame);
    void push(std::string text) { push(std::make_shared<const std::string>(std::move(text))); }

    /// Ends the connection once what is queued is sent. Only the first reason counts; what is pushed later is dropped.
    void close(CloseCode code, std::string reason);

    /// The connection is gone: what is queued and what comes is dropped, and nobody is called any more.
    void end();

    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t size() const { return frames_.size() - taken_; }

    /// The next one to send. Not of an empty one.
    [[nodiscard]] Frame take();

    /// Whether there is room for the past, too: half of the bounds is kept for what happens meanwhile.
    [[nodiscard]] bool has_room() const {
        return !closing_ && 2 * size() < bounds_.frames && 2 * bytes_ < bounds_.bytes;
    }

    /// Set once the connection is to be closed.
    [[nodiscard]] const std::optional<Close>& closing() const { return closing_; }

private:
    void clear();

    std::vector<Frame> frames_;
    std::size_t taken_ = 0;  // of frames_, from its front
    std::size_t bytes_ = 0;
    Bounds bounds_;
    std::optional<Close> closing_;
    std::function<void()> on_change_;
};

}  // namespace kiroku::gateway::realtime
