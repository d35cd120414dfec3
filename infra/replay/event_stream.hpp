// infra/replay/event_stream.hpp: the events of many partitions one after the other, by time.
#pragma once

#include <deque>
#include <functional>

#include "infra/replay/event_filter.hpp"
#include "infra/replay/range_reader.hpp"
#include "infra/replay/time_merge.hpp"
#include "infra/replay/withheld.hpp"

namespace kiroku::replay {

/// An event on its way out.
struct StreamedEvent {
    const log::Partition& partition;
    Offset offset;
    std::string_view text;  ///< the whole CloudEvent
};

/// What waits for others takes little more than `most_waiting` bytes: a partition that is ahead is not fetched for a
/// while.
///
/// Following, a partition where nothing happens holds the others up for `patience` at most; an event that arrives later
/// than that comes out late.
class EventStream {
public:
    static constexpr std::chrono::milliseconds patience{500};

    /// False: enough, hand over no more.
    using OnEvent = std::function<bool(const StreamedEvent&)>;

    EventStream(const std::string& bootstrap, std::vector<Range> ranges, EventFilter filter, Ending ending,
                std::size_t most_waiting = 96UL << 20U, Withheld withheld = {});

    /// Reads for `timeout_ms` at most if nothing comes, and hands over what has its turn. False: that was all, or
    /// enough. Throws as EventReader does.
    bool turn(int timeout_ms, const OnEvent& on_event);

    /// What wasn't handed over yet: who reads on from there gets all of it, and nothing twice.
    [[nodiscard]] std::vector<Rest> rest() const;

private:
    void take(std::size_t slot, const Event& event);
    void add(std::size_t slot, Offset offset, std::string_view text);
    void take_what_is_shown(std::size_t slot, const Event& event, std::span<const std::string_view> hidden);
    void look_ahead();
    bool hand_over(const OnEvent& on_event);
    void balance();

    std::size_t most_waiting_, few_waiting_;  ///< of all; of a partition that is fetched again
    RangeReader reader_;
    Ending ending_;
    EventFilter filter_;
    Withheld withheld_;
    Fields fields_;
    TimeMerge merge_;
    std::vector<std::deque<log::Cursor>> begins_;  // by slot: of the decisions of those that wait
    std::vector<char> held_;                       // by slot
    TimeMerge::Clock::time_point now_;
};

}  // namespace kiroku::replay
