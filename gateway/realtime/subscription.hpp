// gateway/realtime/subscription.hpp: one connection's listening to one channel.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gateway/realtime/history.hpp"
#include "gateway/realtime/outbox.hpp"

namespace kiroku::gateway::realtime {

class Hub;

/// Ends when it is destroyed.
class Subscription {
public:
    Subscription(Hub& hub, const Channel& channel, Outbox& outbox) : hub_(hub), outbox_(outbox), channel_(channel) {}
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    [[nodiscard]] const Channel& channel() const { return channel_; }

    /// Tells more of the past, if there is some left to tell and room for it.
    void go_on();

private:
    friend class Hub;

    /// What this client has, where that isn't just what the hub has told so far.
    struct Late {
        std::vector<Offset> has;      ///< for each of the channel's partitions: everything before it
        std::optional<Arrival> next;  ///< the first event that it was not told yet
    };

    Hub& hub_;
    Outbox& outbox_;
    Channel channel_;
    std::unique_ptr<Late> late_;
    std::uint64_t told_ = 0;            ///< decisions that the hub had added when it last told this client a position
    std::size_t place_ = 0;             ///< in the hub's list of all
    std::size_t place_in_channel_ = 0;  ///< in the channel's
};

}  // namespace kiroku::gateway::realtime
