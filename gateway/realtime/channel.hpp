// gateway/realtime/channel.hpp: what a client can listen to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core/permission.hpp"
#include "gateway/realtime/partitions.hpp"
#include "gateway/realtime/past.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway::realtime {

struct Channel {
    enum class Kind : std::uint8_t {
        me,           ///< what happens to one user
        leaderboard,  ///< XP awarded to anybody: public fields only
        challenge,    ///< who is practising it right now: nothing that is kept
    };
    Kind kind = Kind::me;
    UserId user;              ///< of "me"; nil else
    ChallengeId challenge{};  ///< of a challenge; nil else

    friend bool operator==(const Channel&, const Channel&) = default;
};

inline constexpr Channel leaderboard_channel{Channel::Kind::leaderboard, {}};

/// The channel that `name` means to this user; nothing: there is none, or not for them. Whether there is the challenge,
/// and for them, is for the caller to find out.
std::optional<Channel> channel_of(std::string_view name, UserId user);

std::string name_of(const Channel& channel);

/// What who listens to it must be allowed.
Permission permission_for(const Channel& channel);
/// The partitions that a channel's events can lie in, ascending: what a position in the channel is made of.
std::vector<Slot> partitions_of(const Channel& channel, const Partitions& partitions);

/// The event as the channel tells it; empty: it doesn't.
std::string_view text_in(const Channel& channel, const PastEvent& event);

}  // namespace kiroku::gateway::realtime

template <>
struct std::hash<kiroku::gateway::realtime::Channel> {
    std::size_t operator()(const kiroku::gateway::realtime::Channel& channel) const noexcept {
        return std::hash<kiroku::UserId>{}(channel.user) + std::hash<kiroku::ChallengeId>{}(channel.challenge) +
               static_cast<std::size_t>(channel.kind);
    }
};
