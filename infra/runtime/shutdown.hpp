// infra/runtime/shutdown.hpp: the one way in which a process is asked to stop.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <stop_token>
#include <thread>

namespace kiroku::runtime {

/// Turns SIGTERM and SIGINT into something that code can wait on. The first signal asks; a second one, or a minute
/// without an end, leaves at once (nothing here needs a clean stop to be correct). Make exactly one, in `main`, before
/// any other thread: it blocks both signals for the threads and child processes that come after it. Thread-safe.
class Shutdown {
public:
    static constexpr std::chrono::seconds patience{60};

    Shutdown();
    ~Shutdown();
    Shutdown(const Shutdown&) = delete;
    Shutdown& operator=(const Shutdown&) = delete;

    /// Asks for a stop, as a signal does.
    void request();

    /// Another patience than a minute, from the next signal on.
    void end_within(std::chrono::milliseconds patience) { patience_ = patience; }

    bool requested() const noexcept { return source_.stop_requested(); }
    std::stop_token token() const { return source_.get_token(); }

    /// Readable from the first request on, for poll() and Asio. Never read from it; owned by this object.
    int event_fd() const noexcept { return event_fd_; }

    /// Sleeps until then or until a stop is asked for; true if it is.
    bool wait_for(std::chrono::milliseconds) const;
    void wait() const;

private:
    void listen();

    std::stop_source source_;
    std::atomic<std::chrono::milliseconds> patience_{std::chrono::milliseconds{patience}};
    sigset_t mask_before_{};
    int event_fd_ = -1;
    int signal_fd_ = -1;
    int end_fd_ = -1;
    std::thread listener_;
};

}  // namespace kiroku::runtime
