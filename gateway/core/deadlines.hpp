// gateway/core/deadlines.hpp: ends connections that take too long, with one timer for all of them.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>

#include "gateway/core/task.hpp"

namespace kiroku::gateway {

/// Used on the io thread only. Looks a few times a second, so a deadline costs its owner no more than writing it down.
class Deadlines {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds precision{100};

    explicit Deadlines(net::io_context& io) : timer_{io} {}

    /// Something that has a deadline; leaves the list with its life.
    class Watched {
    public:
        /// `expire` is called (again and again) while the deadline is over, and when all are reminded.
        Watched(Deadlines& deadlines, std::function<void()> expire);
        ~Watched();
        Watched(const Watched&) = delete;
        Watched& operator=(const Watched&) = delete;

        void within(std::chrono::milliseconds time) { until_ = Clock::now() + time; }
        void at_leisure() { until_ = Clock::time_point::max(); }
        [[nodiscard]] bool over() const { return Clock::now() >= until_; }

    private:
        friend class Deadlines;
        Deadlines& deadlines_;
        std::function<void()> expire_;
        Clock::time_point until_ = Clock::time_point::max();
        std::list<Watched*>::iterator place_;
    };

    /// Looks until `stop` is called.
    Task<void> run();
    void stop();

    /// Calls everybody's `expire`, for those who have a reason to end early.
    void remind_all();

private:
    net::steady_timer timer_;
    std::list<Watched*> watched_;
    bool stopped_ = false;
};

}  // namespace kiroku::gateway
