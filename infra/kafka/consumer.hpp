// infra/kafka/consumer.hpp: reads records, from given offsets or as a member of a group.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "infra/kafka/record.hpp"

struct rd_kafka_message_s;

namespace kiroku::kafka {

/// One thing that a poll brought: a record, the news that a partition has no more for now, or a fault to wait out.
class Message {
public:
    enum class Kind { nothing, record, end_of_partition, fault };

    Message() = default;
    explicit Message(rd_kafka_message_s* message) : message_(message) {}

    [[nodiscard]] Kind kind() const;
    [[nodiscard]] Record record()
        const;  ///< for records; for an end of partition only where and which offset comes next
    [[nodiscard]] std::size_t size() const;  ///< of the record's value, in bytes
    [[nodiscard]] std::string fault() const;
    [[nodiscard]] bool final() const;        ///< the fault: this client will never read again
    [[nodiscard]] bool offset_lost() const;  ///< the fault: the log doesn't hold the offset that was to be read

private:
    struct Destroy {
        void operator()(rd_kafka_message_s*) const;
    };
    std::unique_ptr<rd_kafka_message_s, Destroy> message_;
};

/// What a group's member is given and must give back. Called from within `poll`, on the polling thread.
struct Membership {
    std::string group;
    std::string instance;  ///< static membership: the same name comes back to the same partitions; empty: dynamic
    std::function<void(const std::vector<TopicPartition>&)> assigned;  ///< must call `Consumer::assign` (then or later)
    std::function<void(const std::vector<TopicPartition>&)> revoked;   ///< all of them are gone when it returns
};

/// An offset kept by the broker for a group, with a note of ours.
struct Committed {
    TopicPartition where;
    Offset offset;
    std::string note;
};

/// One thread owns a consumer. Reads whole records with checksums verified, never commits or resets by itself. Where
/// many records arrive it lets them gather for a few milliseconds (see pace.hpp).
class Consumer {
public:
    static constexpr std::chrono::milliseconds usual_gathering{10};

    /// `gathering`: how long a record waits for others, at most, where many arrive.
    explicit Consumer(std::string bootstrap, std::chrono::milliseconds gathering = usual_gathering);
    Consumer(std::string bootstrap, const std::vector<std::string>& topics, Membership membership);
    ~Consumer();
    Consumer(Consumer&&) noexcept;
    Consumer& operator=(Consumer&&) noexcept;

    /// Reads exactly these partitions from these offsets on; what was fetched before is dropped.
    void assign(const std::vector<Start>& starts);

    /// Reads one more, or one no longer; the others go on undisturbed. Not for members of a group. Throw BrokerError if
    /// it is read already, or isn't.
    void add(const Start& start);
    void drop(const TopicPartition& where);

    /// A member that Kafka has shut out for good (one that it took for two, after its coordinator was lost) has all
    /// revoked and joins anew; nothing else shows of that.
    [[nodiscard]] Message poll(int timeout_ms);

    [[nodiscard]] bool gathers() const;  ///< whether it does so now

    /// Leaves the group, so that the others are given its partitions at once and not when its session runs out. Whoever
    /// is destroyed without it keeps its place until then: a process that was killed finds its partitions again.
    void leave();

    /// The partition's end, as far as this consumer has heard of it while reading; nothing: never.
    [[nodiscard]] std::optional<Offset> heard_end(const TopicPartition& where) const;

    /// Keeps offsets for the group. The asynchronous form forgets failures: a later commit makes up for it.
    void commit(const std::vector<Committed>& offsets, bool wait = false);

    /// What the group last kept; partitions without a commit are left out. Throws BrokerError.
    std::vector<Committed> committed(const std::vector<TopicPartition>& partitions);

    /// Asks the partition's leader; while this consumer reads, the question waits its turn behind a fetch. Throws
    /// BrokerError, not much later than told.
    Watermarks watermarks(const TopicPartition& where, std::chrono::milliseconds within = std::chrono::seconds{5});

    /// The first offset whose record is not older than `time`; nullopt: none is. Throws BrokerError.
    std::optional<Offset> offset_at(const TopicPartition& where, Instant time);

    int partitions_of(const std::string& topic);

    /// Writes to `fd` (an eventfd) whenever something is there to be polled.
    void wake(int fd);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace kiroku::kafka
