#include "infra/replay/range_reader.hpp"

#include <algorithm>

namespace kiroku::replay {

RangeReader::RangeReader(const std::string& bootstrap, std::vector<Range> ranges, Ending ending)
    : ranges_(std::move(ranges)),
      ending_(ending),
      open_(ranges_.size(), 0),
      past_until_(ranges_.size(), 0),
      begins_(ranges_.size()),
      reader_(bootstrap) {
    std::map<log::Partition, log::Cursor> from;
    for (std::size_t slot = 0; slot < ranges_.size(); ++slot) {
        const auto& range = ranges_[slot];
        if (ending_ == Ending::at_range && range.first >= range.end) continue;
        slots_[range.partition] = slot;
        from[range.partition] = range.from;
        begins_[slot] = range.from;
        open_[slot] = 1;
        ++still_open_;
    }
    reader_.read(std::move(from));
}

int RangeReader::poll(int timeout_ms, int most, const OnEvent& on_event) {
    if (all_finished()) return 0;
    const auto taken = reader_.poll(timeout_ms, most, [&](const auto& decision) { take(decision, on_event); });
    if (ending_ == Ending::never) return taken;
    for (std::size_t slot = 0; slot < ranges_.size(); ++slot)
        if (!finished(slot) && is_read(slot)) finish(slot);
    return taken;
}

void RangeReader::take(const log::ReadDecision& decision, const OnEvent& on_event) {
    const auto slot = slots_.at(decision.partition);
    const auto& range = ranges_[slot];
    const auto& [first, first_offset, first_text] = decision.events.front();
    if (first_offset < range.end)
        begins_[slot] = {first_offset, {first.place.term, log::Sequence{first.place.sequence.value - 1}}};
    for (const auto& [envelope, offset, text] : decision.events) {
        if (offset < range.first) continue;
        if (ending_ == Ending::at_range && offset >= range.end) continue;
        if (range.until && envelope.time >= *range.until + clocks_differ) past_until_[slot] = 1;
        if (past_until_[slot] != 0) return;
        on_event(slot, {range.partition, offset, envelope, text});
    }
}

bool RangeReader::is_read(std::size_t slot) const {
    const auto& range = ranges_[slot];
    const auto& reader = reader_.reader(range.partition);
    // A decision that begins before the end is read on to where it shows whether it is whole.
    return past_until_[slot] != 0 || reader.cursor().next >= range.end || reader.next() >= range.present_end;
}

void RangeReader::finish(std::size_t slot) {
    open_[slot] = 0;
    if (--still_open_ > 0) reader_.hold(ranges_[slot].partition);
}

Rest RangeReader::rest(std::size_t slot) const {
    const auto& range = ranges_[slot];
    if (!slots_.contains(range.partition)) return {range.partition, range.first, range.from};
    const auto& cursor = reader_.reader(range.partition).cursor();
    const auto first = std::max(range.first, std::min(range.end, cursor.next));
    return {range.partition, first, cursor.next <= first ? cursor : begins_[slot]};
}

bool RangeReader::at_end(std::size_t slot) const { return reader_.at_end(ranges_[slot].partition); }

}  // namespace kiroku::replay
