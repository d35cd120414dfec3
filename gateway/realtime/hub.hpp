// gateway/realtime/hub.hpp: who listens to which channel, and what each of them is told.
//
// Each event is written once per channel and shared by all who are level with the hub. A client that resumes, or that
// saw more elsewhere than this gateway has read yet, is late: the hub keeps a record of what it has, tells it the rest
// at the speed at which it reads, and then it is level, too.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/realtime/history.hpp"
#include "gateway/realtime/outbox.hpp"
#include "gateway/realtime/positions.hpp"
#include "gateway/realtime/subscription.hpp"

namespace kiroku::gateway::realtime {

/// One thread.
class Hub {
public:
    /// How far ahead of this gateway a client's position may be, in records of one partition. Beyond that it comes not
    /// from a gateway that reads faster, but from another log.
    static constexpr std::int64_t furthest_ahead = 20'000;

    /// `from`: for each partition the offset that reading begins at.
    Hub(Partitions partitions, std::vector<Offset> from, Positions positions, History::Bounds bounds);

    /// The next decision of its partition: whoever listens is told.
    void take(std::shared_ptr<const PastDecision> decision);

    /// Nothing else was valid in this partition before `next`.
    void reach(Slot slot, Offset next);

    /// Answers `subscribed`, then tells what came after `since` (a position as the client sent it), then what happens.
    /// The outbox must outlive the subscription, and the hub both.
    std::unique_ptr<Subscription> subscribe(const Channel& channel, Outbox& outbox,
                                            std::optional<std::string_view> since);

    [[nodiscard]] const Partitions& partitions() const { return partitions_; }
    [[nodiscard]] const History& history() const { return history_; }
    [[nodiscard]] std::size_t subscriptions() const { return all_.size(); }
    [[nodiscard]] std::uint64_t pushed() const { return pushed_; }  ///< events, once for each who was told

private:
    friend class Subscription;

    struct Listeners {
        std::vector<Slot> slots;  // the channel's
        std::vector<Subscription*> all;
    };

    Listeners& listen(Subscription& subscription);
    void leave(Subscription& subscription);
    void publish(const History::Entry& entry, Arrival arrival);
    void tell_late(Subscription& late);
    void tell_position_to_some();

    [[nodiscard]] std::vector<Offset> reached_in(const Listeners& listeners) const;
    [[nodiscard]] bool can_resume(const Listeners& listeners, const std::optional<std::vector<Offset>>& has) const;
    [[nodiscard]] bool is_level(const Listeners& listeners, const std::vector<Offset>& has) const;
    [[nodiscard]] std::string event_text(const Channel& channel, const PastEvent& event,
                                         const std::vector<Offset>& has) const;

    Partitions partitions_;
    Positions positions_;
    History history_;
    std::vector<Offset> reached_;  // by slot: what lies before it was told
    std::unordered_map<Channel, Listeners> listeners_;
    std::vector<Subscription*> all_;
    std::vector<Subscription*> late_;
    std::size_t next_told_ = 0;  // of all_, in tell_position_to_some
    std::uint64_t pushed_ = 0;
};

}  // namespace kiroku::gateway::realtime
