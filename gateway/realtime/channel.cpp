// gateway/realtime/channel.cpp: what a client can listen to.
#include "gateway/realtime/channel.hpp"

#include <algorithm>

namespace kiroku::gateway::realtime {

std::optional<Channel> channel_of(std::string_view name, UserId user) {
    if (name == "me") return Channel{Channel::Kind::me, user};
    if (name == "leaderboard:global") return leaderboard_channel;
    return std::nullopt;
}

std::string_view name_of(const Channel& channel) {
    return channel.kind == Channel::Kind::me ? "me" : "leaderboard:global";
}

Permission permission_for(const Channel& channel) {
    return channel.kind == Channel::Kind::me ? Permission::own_progress : Permission::see_leaderboards;
}

std::vector<Slot> partitions_of(const Channel& channel, const Partitions& partitions) {
    if (channel.kind == Channel::Kind::leaderboard) return partitions.of("gamification");
    auto slots = partitions.of("challenges");  // keyed by challenge session: a user's may lie in any of them
    slots.push_back(partitions.of("gamification", channel.user.value));
    std::ranges::sort(slots);
    return slots;
}

std::string_view text_in(const Channel& channel, const PastEvent& event) {
    if (channel.kind == Channel::Kind::leaderboard) return event.public_text;
    return event.owner == channel.user ? std::string_view{event.text} : std::string_view{};
}

}  // namespace kiroku::gateway::realtime
