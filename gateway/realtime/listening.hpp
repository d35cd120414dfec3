// gateway/realtime/listening.hpp: one connection's listening to one channel: to what happens, and to who is there.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "gateway/realtime/hub.hpp"
#include "gateway/realtime/presence.hpp"

namespace kiroku::gateway::realtime {

/// Ends when it is destroyed.
struct Listening {
    std::unique_ptr<Subscription> subscription;
    std::unique_ptr<Attendance> attendance;  ///< of a challenge; null else
};

/// Answers `subscribed`, then tells what came after `since`, and of a challenge who is there. Nothing: it is full. The
/// outbox must outlive what is given back, hub and presence both.
std::optional<Listening> listen(Hub& hub, Presence& presence, const Channel& channel, const UserId& user,
                                Outbox& outbox, std::optional<std::string_view> since, Instant now);

}  // namespace kiroku::gateway::realtime
