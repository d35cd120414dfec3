// gateway/realtime/presence.hpp: who is there in the channel of a challenge, with this gateway and with the others.
//
// Each gateway says who is with it (a roll) whenever that changes, and again every few seconds: a lease, so that those
// of a gateway that died are gone when it runs out. Who comes late, or missed a roll, is right after the next one. No
// input and output here: signals go out by a function and come in by `hear`, time is given.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/realtime/channel.hpp"
#include "gateway/realtime/outbox.hpp"
#include "schemas/core/types.hpp"
#include "schemas/ws/types.hpp"

namespace kiroku::gateway::realtime {

struct PresenceLimits {
    std::size_t members = 1'000;              ///< of a channel, with one gateway
    std::size_t channels = 20'000;            ///< that anybody is in
    std::chrono::milliseconds linger{2'000};  ///< somebody whose last connection ended is there that much longer
    std::chrono::milliseconds renew{5'000};
    std::chrono::milliseconds lease{15'000};
    std::chrono::milliseconds typing_shown{5'000};
    std::chrono::milliseconds typing_pause{1'000};  ///< of one user in one channel
    int typing_at_once = 20;                        ///< of all in one channel, within that time
};

class Presence;

/// A connection's being there; ends when it is destroyed. The outbox must outlive it, the presence both.
class Attendance {
public:
    Attendance(Presence& presence, const ChallengeId& challenge, const UserId& user, Outbox& outbox)
        : presence_(presence), outbox_(outbox), challenge_(challenge), user_(user) {}
    ~Attendance();
    Attendance(const Attendance&) = delete;
    Attendance& operator=(const Attendance&) = delete;

    [[nodiscard]] const ChallengeId& challenge() const { return challenge_; }
    [[nodiscard]] const UserId& user() const { return user_; }

private:
    friend class Presence;
    Presence& presence_;
    Outbox& outbox_;
    ChallengeId challenge_;
    UserId user_;
    bool has_snapshot_ = false;
};

/// One thread.
class Presence {
public:
    using TellGateways = std::function<void(std::string)>;

    /// `gateway`: of this process, never used before. What is told to the gateways comes back by `hear`, too.
    Presence(const Uuid& gateway, TellGateways tell, PresenceLimits limits);

    /// Null: there are as many as may be. A snapshot follows with the next `pass`, then differences.
    std::unique_ptr<Attendance> attend(const ChallengeId& challenge, const UserId& user, Outbox& outbox, Instant now);

    /// Shows the others that this one is typing, unless that was done a moment ago.
    void show_typing(const Attendance& attendance, Instant now);

    /// A signal of any gateway.
    void hear(std::string_view signal, Instant now);

    /// To be called several times a second: tells what has changed, and lets leases run out.
    void pass(Instant now);

    /// This gateway goes down.
    void leave();

    [[nodiscard]] std::size_t channels() const { return rooms_.size(); }
    [[nodiscard]] std::size_t members_here() const;

private:
    friend class Attendance;

    struct Here {
        int connections = 0;
        Instant since, until, typed;
    };
    struct Elsewhere {
        std::int64_t number = 0;
        Instant until;
        std::vector<ws::Member> members;
    };
    using Members = std::map<UserId, Instant>;  // since when
    struct Room {
        std::map<UserId, Here> here;
        std::map<Uuid, Elsewhere> elsewhere;
        std::vector<Attendance*> listeners;
        Members told;
        bool roll_changed = false;
        Instant typing_since;
        int typing = 0;
    };

    void leave(Attendance& attendance);
    void take(const ws::Roll& roll, Instant now);
    void take(const ws::TypingSeen& seen, Instant now);
    void take(const ws::GatewayCame& came, Instant now);
    void take(const ws::GatewayLeft& left, Instant now);
    void let_leases_run_out(Instant now);
    void renew();
    void settle(const ChallengeId& challenge);
    void tell_members(const ChallengeId& challenge, Room& room);
    void tell_roll(const ChallengeId& challenge, const Room& room);
    [[nodiscard]] static Members members_of(const Room& room);
    static void push_typing(const Room& room, const ChallengeId& challenge, const UserId& user, Instant until);

    Uuid gateway_;
    TellGateways tell_;
    PresenceLimits limits_;
    std::unordered_map<ChallengeId, Room> rooms_;
    std::set<ChallengeId> changed_;  // since the last `pass`
    std::int64_t rolls_ = 0;
    Instant now_, next_look_, next_renewal_, next_greeting_;
    bool heard_myself_ = false;  // so whatever the others say is heard, too
};

}  // namespace kiroku::gateway::realtime
