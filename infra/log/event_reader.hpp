// infra/log/event_reader.hpp: reads the events of many partitions through the validity rule, as they come.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infra/kafka/consumer.hpp"
#include "infra/log/partition.hpp"
#include "infra/log/partition_reader.hpp"

namespace kiroku::log {

/// A whole decision and where it came from. Views live for the call they are given to.
struct ReadDecision {
    const Partition& partition;
    std::span<const RecordedEvent> events;
    const Cursor& after;  ///< reading on from here continues behind this decision
};

/// One thread owns a reader. Throws BrokerError if the broker refuses, UnreadableRecord for damage; a cut connection is
/// waited out.
class EventReader {
public:
    using OnDecision = std::function<void(const ReadDecision&)>;

    /// `gathering`: how long an event waits for others, at most, where many arrive.
    explicit EventReader(std::string bootstrap, std::chrono::milliseconds gathering = kafka::Consumer::usual_gathering);

    /// All partitions of a context. Throws BrokerError if its topic doesn't exist.
    std::vector<Partition> partitions_of(const std::string& context);

    /// Reads exactly these, each from its cursor on. A cursor outside of what the log holds throws BrokerError.
    void read(std::map<Partition, Cursor> from);

    /// Handles what is there: waits up to `timeout_ms` for the first record, then takes up to `most` without waiting.
    /// Returns how many records were taken, void ones and fences included.
    int poll(int timeout_ms, int most, const OnDecision& on_decision);

    /// Whether this partition had no more records when it was last looked at.
    [[nodiscard]] bool at_end(const Partition& partition) const;
    [[nodiscard]] bool all_at_end() const;

    /// Fetches no more of it until told to go on, which it does where it was; the others are read undisturbed.
    void hold(const Partition& partition);
    void go_on(const Partition& partition);

    [[nodiscard]] const PartitionReader& reader(const Partition& partition) const;

    /// A cursor at or before `offset` that knows the term in force there: at the latest fence before it.
    /// Searches backwards; must not be mixed with `read` (it uses the same consumer). Throws BrokerError.
    Cursor cursor_before(const Partition& partition, Offset offset);

    kafka::Watermarks watermarks(const Partition& partition);

    /// The first offset recorded at `time` or later, or the partition's end.
    Offset offset_at(const Partition& partition, Instant time);

    /// Writes to `fd` (an eventfd) whenever something is there to be polled.
    void wake(int fd) { consumer_.wake(fd); }

private:
    struct Reading {
        PartitionReader reader;
        bool at_end = false;
    };
    void take(const kafka::Message& message, const OnDecision& on_decision);
    std::optional<Offset> last_fence_in(const Partition& partition, Offset from, Offset to);

    kafka::Consumer consumer_;
    std::map<Partition, Reading> readings_;
    std::map<std::string, std::string, std::less<>> contexts_;  // by topic
};

}  // namespace kiroku::log
