// gateway/analytics/event_streams.hpp: lets a bounded number of analysts read the log at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

#include "gateway/analytics/event_feed.hpp"
#include "gateway/core/arrival.hpp"
#include "gateway/core/body_source.hpp"
#include "gateway/core/workers.hpp"

namespace kiroku::gateway {

class Metrics;

/// Each stream has a thread while it is open, which reads no further than its client does. Used on the io thread.
class EventStreams {
public:
    struct Limits {
        std::size_t streams = 4;
        std::size_t of_a_user = 2;
        std::chrono::milliseconds within{60'000};  ///< then a stream ends, and its cursor goes on
    };

    /// `key` signs cursors.
    EventStreams(net::io_context& io, OpenFeed open, std::vector<std::string_view> contexts, crypto::Secret key,
                 Limits limits);
    ~EventStreams();

    /// A stream's body: events, a line each, and the control line at the end. Refused: `too_many_requests` if the user
    /// has as many as may be, `overloaded` if all together have, what can't be read at all.
    Task<std::expected<std::shared_ptr<BodySource>, Problem>> open(EventsQuery query, UserId user);

    /// All streams end soon, each with its cursor, and no more are opened.
    void drain();

    void watch(Metrics& metrics);

    [[nodiscard]] const std::vector<std::string_view>& contexts() const { return contexts_; }
    [[nodiscard]] const Cursors& cursors() const { return cursors_; }
    [[nodiscard]] std::size_t open_streams() const;

private:
    struct Stream;
    [[nodiscard]] std::optional<Problem> refusal_for(const UserId& user) const;

    net::io_context& io_;
    const OpenFeed open_;
    const std::vector<std::string_view> contexts_;
    const Cursors cursors_;
    const Limits limits_;
    std::atomic<bool> draining_ = false;
    std::atomic<std::uint64_t> events_ = 0;
    std::uint64_t opened_ = 0, refused_ = 0;
    std::list<std::shared_ptr<Stream>> streams_;  // those that have ended, too, until the next one is opened
    Workers workers_;
};

}  // namespace kiroku::gateway
