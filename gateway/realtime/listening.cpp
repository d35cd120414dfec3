// gateway/realtime/listening.cpp: one connection's listening to one channel.
#include "gateway/realtime/listening.hpp"

namespace kiroku::gateway::realtime {

std::optional<Listening> listen(Hub& hub, Presence& presence, const Channel& channel, const UserId& user,
                                Outbox& outbox, std::optional<std::string_view> since, Instant now) {
    Listening listening;
    if (channel.kind == Channel::Kind::challenge) {
        listening.attendance = presence.attend(channel.challenge, user, outbox, now);
        if (!listening.attendance) return std::nullopt;
    }
    listening.subscription = hub.subscribe(channel, outbox, since);
    return listening;
}

}  // namespace kiroku::gateway::realtime
