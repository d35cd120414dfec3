// infra/kafka/broadcast.hpp: what processes tell each other right now, over a topic of one partition. Who doesn't
// listen misses it, and nobody minds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {

/// Begins at the topic's end, with a thread of its own that goes on by itself after any fault. Everybody hears
/// everything in one order, their own, too. Written with acks=1 and without retries that would outlive its meaning:
/// what can't be delivered within seconds is dropped.
class Broadcast {
public:
    struct Settings {
        std::string bootstrap;
        std::string topic;
        int most_waiting = 10'000;                    ///< messages that are not delivered yet
        std::chrono::seconds suspicious_silence{10};  ///< so long after a delivery something must have been heard
    };

    /// Called on the thread, in the order of the topic.
    using OnHeard = std::function<void(std::vector<std::string>)>;

    /// Throws BrokerError for settings that librdkafka doesn't know, not for a broker that is away.
    Broadcast(Settings settings, OnHeard on_heard);
    ~Broadcast();
    Broadcast(const Broadcast&) = delete;
    Broadcast& operator=(const Broadcast&) = delete;

    /// Any thread; never waits. False: dropped, for too many wait.
    bool send(std::string_view message);

    struct Counts {
        std::uint64_t sent = 0, dropped = 0, heard = 0;
    };
    [[nodiscard]] Counts counts() const;

private:
    struct Sender;
    void listen(const std::stop_token& stop);
    void listen_once(const std::stop_token& stop);
    void hand_over(std::vector<std::string>& heard);
    [[nodiscard]] bool is_deaf() const;

    Settings settings_;
    OnHeard on_heard_;
    std::unique_ptr<Sender> sender_;
    std::atomic<std::uint64_t> dropped_ = 0, heard_ = 0;
    std::jthread thread_;  // last: uses all of the above
};

}  // namespace kiroku::kafka
