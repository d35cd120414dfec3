// infra/log/partition_reader.hpp: one partition's records in, whole valid decisions out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "infra/kafka/record.hpp"
#include "infra/log/envelope.hpp"
#include "infra/log/validity.hpp"

namespace kiroku::log {

/// A valid event and where it lies.
struct RecordedEvent {
    Envelope envelope;
    Offset offset;
    std::string_view text;  ///< the whole record
};

/// The log's own clock, which its fences set: the latest time that one told, and where commands ended before one was
/// written. It never goes back, so what has expired by it has expired for every later reader, too. It speaks only of
/// commands that lay there: a fence by a clock that was wrong harms none that come later.
struct LogClock {
    Instant time{};
    Offset commands{0};

    void hear(const LogClock& other) {
        time = std::max(time, other.time);
        commands = std::max(commands, other.commands);
    }
    [[nodiscard]] bool has_expired(Offset command, Instant deadline) const {
        return command < commands && deadline < time;
    }
};

/// From where to go on reading, and what is known there. Always between decisions.
struct Cursor {
    Offset next{0};
    Standing standing;

    friend bool operator==(const Cursor&, const Cursor&) = default;
};

struct ReadCounts {
    std::uint64_t events = 0;
    std::uint64_t fences = 0;
    std::uint64_t void_records = 0;
};

/// A record that is no CloudEvent of ours, or one that isn't the next: history is damaged or foreign, or wasn't read
/// whole, and going on would skip something silently.
struct UnreadableRecord : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Applies the validity rule to a partition. All readers of events, of whatever purpose, read through it.
class PartitionReader {
public:
    explicit PartitionReader(Cursor from = {}, Rule rule = {})
        : validity_(from.standing, rule), cursor_(from), next_(from.next) {}

    /// The decision that this record completes, or nothing. The events' views live until the next call, and no longer
    /// than the record. Throws UnreadableRecord. Records that were read already are ignored.
    std::span<const RecordedEvent> accept(const kafka::Record& record);

    /// Goes on at `next` although the records before it were not seen; what was begun is dropped.
    void skip_to(Offset next) {
        begin_anew();
        next_ = next;
    }

    /// Behind the last whole decision (or fence, or void record with no decision begun).
    [[nodiscard]] const Cursor& cursor() const { return cursor_; }

    /// The offset of the record that comes next: all before it were seen.
    [[nodiscard]] Offset next() const { return next_; }

    /// The term in force and the last valid number, whether its decision is whole or not.
    [[nodiscard]] const Standing& standing() const { return validity_.standing(); }

    /// As the fences among these records set it.
    [[nodiscard]] const LogClock& clock() const { return clock_; }

    [[nodiscard]] const ReadCounts& counts() const { return counts_; }

private:
    void keep(const RecordedEvent& part);
    void begin_anew() {
        decision_.clear();
        kept_ = 0;
    }

    Validity validity_;
    Cursor cursor_;
    Offset next_;                          // event topics have no gaps: they are neither compacted nor transactional
    std::deque<std::string> texts_;        // room for a decision's earlier parts, whose records are gone
    std::size_t kept_ = 0;                 // of them in use
    std::vector<RecordedEvent> decision_;  // the parts so far
    bool complete_ = false;
    LogClock clock_;
    ReadCounts counts_;
};

}  // namespace kiroku::log
