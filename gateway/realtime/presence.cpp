// gateway/realtime/presence.cpp: who is there in the channel of a challenge.
#include "gateway/realtime/presence.hpp"

#include <algorithm>

#include "schemas/core/json.hpp"
#include "schemas/ws/codec.hpp"

namespace kiroku::gateway::realtime {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 500ms;
constexpr auto between_greetings = 1'000ms;

std::string channel_name(const ChallengeId& challenge) { return name_of({Channel::Kind::challenge, {}, challenge}); }

template <class Message>
Frame frame_of(const Message& message) {
    return std::make_shared<const std::string>(json::encode(message));
}

}  // namespace

Attendance::~Attendance() { presence_.leave(*this); }

Presence::Presence(const Uuid& gateway, TellGateways tell, PresenceLimits limits)
    : gateway_(gateway), tell_(std::move(tell)), limits_(limits) {}

std::unique_ptr<Attendance> Presence::attend(const ChallengeId& challenge, const UserId& user, Outbox& outbox,
                                             Instant now) {
    now_ = std::max(now, now_);
    if (!rooms_.contains(challenge) && rooms_.size() >= limits_.channels) return nullptr;
    auto& room = rooms_[challenge];
    const auto found = room.here.find(user);
    if (found == room.here.end()) {
        if (room.here.size() >= limits_.members) return nullptr;
        room.here[user] = {.connections = 1, .since = now_, .until = Instant::max(), .typed = {}};
        room.roll_changed = true;
    } else {
        ++found->second.connections;
        found->second.until = Instant::max();
    }
    auto attendance = std::make_unique<Attendance>(*this, challenge, user, outbox);
    room.listeners.push_back(attendance.get());
    changed_.insert(challenge);
    return attendance;
}

void Presence::leave(Attendance& attendance) {
    auto& room = rooms_.at(attendance.challenge_);
    std::erase(room.listeners, &attendance);
    auto& here = room.here.at(attendance.user_);
    if (--here.connections == 0) here.until = now_ + limits_.linger;
}

void Presence::pass(Instant now) {
    now_ = std::max(now, now_);
    if (!heard_myself_ && now >= next_greeting_) {
        next_greeting_ = now + between_greetings;
        tell_(json::encode(ws::GatewayCame{.gateway = gateway_}));
    }
    if (now >= next_look_) let_leases_run_out(now);
    if (now >= next_renewal_) {
        next_renewal_ = now + limits_.renew;
        renew();
    }
    for (const auto& challenge : std::exchange(changed_, {})) settle(challenge);
}

void Presence::let_leases_run_out(Instant now) {
    next_look_ = now + between_looks;
    for (auto& [challenge, room] : rooms_) {
        const auto left = std::erase_if(room.here, [&](const auto& one) { return one.second.until <= now; });
        const auto lost = std::erase_if(room.elsewhere, [&](const auto& one) { return one.second.until <= now; });
        if (left > 0) room.roll_changed = true;
        if (left + lost > 0) changed_.insert(challenge);
    }
}

void Presence::renew() {
    for (const auto& [challenge, room] : rooms_) {
        if (!room.here.empty()) tell_roll(challenge, room);
    }
}

void Presence::settle(const ChallengeId& challenge) {
    const auto found = rooms_.find(challenge);
    if (found == rooms_.end()) return;
    auto& room = found->second;
    if (std::exchange(room.roll_changed, false)) tell_roll(challenge, room);
    tell_members(challenge, room);
    if (room.here.empty() && room.elsewhere.empty()) rooms_.erase(found);
}

/// Those who had a snapshot get the difference, the others a snapshot.
void Presence::tell_members(const ChallengeId& challenge, Room& room) {
    const auto members = members_of(room);
    ws::PresenceChanged changed{.channel = channel_name(challenge), .joined = {}, .left = {}};
    ws::Presence all{.channel = changed.channel, .members = {}};
    for (const auto& [user, since] : members) {
        all.members.push_back({.user_id = user, .since = since});
        if (!room.told.contains(user)) changed.joined.push_back(all.members.back());
    }
    for (const auto& [user, _] : room.told) {
        if (!members.contains(user)) changed.left.push_back(user);
    }
    room.told = members;
    const bool has_changed = !changed.joined.empty() || !changed.left.empty();
    Frame difference, snapshot;
    for (auto* listener : room.listeners) {
        const bool had_one = std::exchange(listener->has_snapshot_, true);
        if (had_one && !has_changed) continue;
        auto& frame = had_one ? difference : snapshot;
        if (!frame) frame = had_one ? frame_of(changed) : frame_of(all);
        listener->outbox_.push(frame);
    }
}

Presence::Members Presence::members_of(const Room& room) {
    Members members;
    const auto add = [&](const UserId& user, Instant since) {
        const auto [found, is_new] = members.try_emplace(user, since);
        if (!is_new) found->second = std::min(found->second, since);
    };
    for (const auto& [user, here] : room.here) add(user, here.since);
    for (const auto& [_, gateway] : room.elsewhere) {
        for (const auto& member : gateway.members) add(member.user_id, member.since);
    }
    return members;
}

void Presence::tell_roll(const ChallengeId& challenge, const Room& room) {
    ws::Roll roll{.gateway = gateway_, .number = ++rolls_, .challenge_id = challenge, .members = {}};
    for (const auto& [user, here] : room.here) roll.members.push_back({.user_id = user, .since = here.since});
    tell_(json::encode(roll));
}

void Presence::show_typing(const Attendance& attendance, Instant now) {
    auto& room = rooms_.at(attendance.challenge_);
    auto& here = room.here.at(attendance.user_);
    if (now < here.typed + limits_.typing_pause) return;
    if (now >= room.typing_since + limits_.typing_pause) {
        room.typing_since = now;
        room.typing = 0;
    }
    if (room.typing >= limits_.typing_at_once) return;
    ++room.typing;
    here.typed = now;
    const auto until = now + limits_.typing_shown;
    push_typing(room, attendance.challenge_, attendance.user_, until);
    tell_(json::encode(ws::TypingSeen{
        .gateway = gateway_, .challenge_id = attendance.challenge_, .user_id = attendance.user_, .expires_at = until}));
}

/// To those who have room for it: nobody falls behind for the sake of this.
void Presence::push_typing(const Room& room, const ChallengeId& challenge, const UserId& user, Instant until) {
    Frame frame;
    for (auto* listener : room.listeners) {
        if (listener->user_ == user || !listener->outbox_.has_room()) continue;
        if (!frame)
            frame = frame_of(ws::Typing{.channel = channel_name(challenge), .user_id = user, .expires_at = until});
        listener->outbox_.push(frame);
    }
}

void Presence::leave() { tell_(json::encode(ws::GatewayLeft{.gateway = gateway_})); }

void Presence::hear(std::string_view signal, Instant now) {
    now_ = std::max(now, now_);
    const auto told = json::decode_tagged<ws::GatewaySignal>(signal);
    if (!told) return;  // of a newer gateway
    std::visit([&](const auto& one) { take(one, now); }, *told);
}

void Presence::take(const ws::GatewayCame& came, Instant) {
    if (came.gateway == gateway_) {
        heard_myself_ = true;
    } else {
        renew();
    }
}

void Presence::take(const ws::GatewayLeft& left, Instant now) {
    if (left.gateway == gateway_) return;
    for (auto& [_, room] : rooms_) {
        const auto found = room.elsewhere.find(left.gateway);
        if (found != room.elsewhere.end()) found->second.until = std::min(found->second.until, now + limits_.linger);
    }
}

void Presence::take(const ws::Roll& roll, Instant now) {
    if (roll.gateway == gateway_) return;
    const auto known = rooms_.find(roll.challenge_id);
    if (known == rooms_.end() && (roll.members.empty() || rooms_.size() >= limits_.channels)) return;
    auto& room = rooms_[roll.challenge_id];
    auto& theirs = room.elsewhere[roll.gateway];
    if (roll.number <= theirs.number) return;
    theirs = {.number = roll.number, .until = now + limits_.lease, .members = roll.members};
    if (roll.members.empty()) room.elsewhere.erase(roll.gateway);
    changed_.insert(roll.challenge_id);
}

void Presence::take(const ws::TypingSeen& seen, Instant now) {
    const auto room = rooms_.find(seen.challenge_id);
    if (seen.gateway == gateway_ || room == rooms_.end() || seen.expires_at <= now) return;
    push_typing(room->second, seen.challenge_id, seen.user_id, seen.expires_at);
}

std::size_t Presence::members_here() const {
    std::size_t all = 0;
    for (const auto& [_, room] : rooms_) all += room.here.size();
    return all;
}

}  // namespace kiroku::gateway::realtime
