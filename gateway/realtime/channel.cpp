// gateway/realtime/channel.cpp: what a client can listen to.
#include "gateway/realtime/channel.hpp"

#include <algorithm>

namespace kiroku::gateway::realtime {
namespace {

constexpr std::string_view of_a_challenge = "challenge:";

}  // namespace

std::optional<Channel> channel_of(std::string_view name, UserId user) {
    if (name == "me") return Channel{Channel::Kind::me, user};
    if (name == "leaderboard:global") return leaderboard_channel;
    if (!name.starts_with(of_a_challenge)) return std::nullopt;
    const auto id = Uuid::parse(name.substr(of_a_challenge.size()));
    if (!id || to_string(*id) != name.substr(of_a_challenge.size())) return std::nullopt;
    return Channel{Channel::Kind::challenge, {}, ChallengeId{*id}};
}

std::string name_of(const Channel& channel) {
    switch (channel.kind) {
        case Channel::Kind::me: return "me";
        case Channel::Kind::leaderboard: return "leaderboard:global";
        case Channel::Kind::challenge: return std::string{of_a_challenge} + to_string(channel.challenge);
    }
    return "";
}

Permission permission_for(const Channel& channel) {
    switch (channel.kind) {
        case Channel::Kind::me: return Permission::own_progress;
        case Channel::Kind::leaderboard: return Permission::see_leaderboards;
        case Channel::Kind::challenge: return Permission::see_challenges;
    }
    return Permission::own_account;
}

std::vector<Slot> partitions_of(const Channel& channel, const Partitions& partitions) {
    if (channel.kind == Channel::Kind::challenge) return {};
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
