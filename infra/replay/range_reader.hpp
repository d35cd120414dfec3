// infra/replay/range_reader.hpp: reads ranges of partitions, as fast as they come, each to its end.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "infra/replay/event.hpp"
#include "infra/replay/ranges.hpp"

namespace kiroku::replay {

enum class Ending { at_range, never };  ///< never: goes on with what comes

/// Partitions are told apart by their place in the list of ranges. One thread owns it. Throws as EventReader does.
class RangeReader {
public:
    using OnEvent = std::function<void(std::size_t slot, const Event&)>;

    RangeReader(const std::string& bootstrap, std::vector<Range> ranges, Ending ending);

    /// Waits up to `timeout_ms` for the first record, then takes up to `most` without waiting. Returns how many it
    /// took.
    int poll(int timeout_ms, int most, const OnEvent& on_event);

    /// All of the range was read.
    [[nodiscard]] bool finished(std::size_t slot) const { return open_[slot] == 0; }
    [[nodiscard]] bool all_finished() const { return still_open_ == 0; }

    /// Where the decision begins that is being told.
    [[nodiscard]] const log::Cursor& begin(std::size_t slot) const { return begins_[slot]; }

    /// What wasn't told yet: it goes on behind the last whole decision, or at the end of the range.
    [[nodiscard]] Rest rest(std::size_t slot) const;

    /// Nothing more was there when it was last looked at.
    [[nodiscard]] bool at_end(std::size_t slot) const;

    /// Fetches no more of it for now, or does again. Its end must not have been reached.
    void hold(std::size_t slot) { reader_.hold(ranges_[slot].partition); }
    void go_on(std::size_t slot) { reader_.go_on(ranges_[slot].partition); }

    [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }

private:
    void take(const log::ReadDecision& decision, const OnEvent& on_event);
    void finish(std::size_t slot);
    [[nodiscard]] bool is_read(std::size_t slot) const;

    std::vector<Range> ranges_;
    Ending ending_;
    std::map<log::Partition, std::size_t> slots_;
    std::vector<char> open_, past_until_;  // by slot
    std::vector<log::Cursor> begins_;      // by slot: of the last decision that began in the range
    std::size_t still_open_ = 0;
    log::EventReader reader_;
};

}  // namespace kiroku::replay
