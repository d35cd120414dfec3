// gateway/realtime/history.hpp: the latest decisions, for clients that come back and for requests that wait.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/realtime/channel.hpp"
#include "gateway/realtime/past.hpp"

namespace kiroku::gateway::realtime {

/// An event's number in the order in which this gateway read things; of no meaning to any other.
using Arrival = std::uint64_t;

/// Keeps as much as its bounds allow, and knows from where on it has everything. One thread.
class History {
public:
    struct Bounds {
        std::size_t decisions = 100'000;
        std::size_t bytes = std::size_t{96} << 20;
    };

    /// An event as one channel's history links it.
    struct Entry {
        const PastEvent* event = nullptr;
        Channel channel;
        Slot slot = 0;
        std::optional<Arrival> next;  ///< the channel's next one, if it has arrived
    };

    /// `from`: for each partition the offset that reading begins at.
    History(std::vector<Offset> from, Bounds bounds) : complete_from_(std::move(from)), bounds_(bounds) {}

    /// Takes the next decision of its partition and forgets the oldest ones as bounds demand.
    void add(std::shared_ptr<const PastDecision> decision);

    /// The decision of that command, or null: not here any more, or not yet.
    [[nodiscard]] std::shared_ptr<const PastDecision> answer_to(const CommandId& command) const;

    /// Every event of this partition from here on that was read is here.
    [[nodiscard]] Offset complete_from(Slot slot) const { return complete_from_[slot]; }

    /// The channel's oldest event that is still here.
    [[nodiscard]] std::optional<Arrival> first_of(const Channel& channel) const;

    /// Null: forgotten, or not an event of any channel's.
    [[nodiscard]] const Entry* at(Arrival arrival) const;

    /// What the next event will be given.
    [[nodiscard]] Arrival next_arrival() const { return first_ + entries_.size(); }

    [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }  ///< decisions
    [[nodiscard]] std::uint64_t added() const { return forgotten_ + decisions_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct Ends {
        Arrival first, last;
    };
    void link(const Channel& channel, Slot slot, const PastEvent& event);
    void forget_oldest();

    std::deque<std::shared_ptr<const PastDecision>> decisions_;
    std::deque<std::size_t> links_;  // how many entries each decision has
    std::deque<Entry> entries_;      // entries_[i] is arrival first_ + i
    Arrival first_ = 0;
    std::unordered_map<Channel, Ends> channels_;
    std::unordered_map<CommandId, std::shared_ptr<const PastDecision>> by_command_;
    std::vector<Offset> complete_from_;
    std::uint64_t forgotten_ = 0;
    std::size_t bytes_ = 0;
    Bounds bounds_;
};

}  // namespace kiroku::gateway::realtime
