// tests/support/written_log.hpp: a context of an unused name whose log a test writes itself, as its owner would, or
// worse.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "infra/kafka/producer.hpp"
#include "infra/log/event_reader.hpp"
#include "tests/support/random_story.hpp"

namespace kiroku::test {

class WrittenLog {
public:
    explicit WrittenLog(int partitions = 3);

    [[nodiscard]] const std::string& context() const { return context_; }
    [[nodiscard]] int partitions() const { return static_cast<int>(owners_.size()); }
    [[nodiscard]] log::Partition partition_of(const Uuid& aggregate) const;

    /// A new owner of the partition.
    void fence(int partition);

    /// One decision, valid. Returns where its last event lies.
    Offset write(const Told& told);
    void write(const std::vector<Told>& story);

    /// Numbered as if it were not: void.
    void write_void(const Told& told);

    /// The aggregate's next version was lost on the way.
    void skip_version(const Happened& of) { ++version_of(of); }

    /// Every record so far: what was written lies there when this returns. `write` ends with it.
    void settle();

    /// Behind the last record of each partition.
    std::map<log::Partition, Offset> ends();

private:
    struct Owner {
        log::Term term = log::no_term;
        std::int64_t sequence = 0;
        std::int64_t next = 0;  ///< offset
    };
    Offset append(const Told& told);
    std::int64_t& version_of(const Happened& event);
    std::string record(const Happened& event, const log::Place& place, std::int64_t version) const;
    void send(int partition, std::string_view key, const std::string& value);

    std::string context_;
    std::vector<Owner> owners_;
    std::map<std::pair<std::string, Uuid>, std::int64_t> versions_;
    std::vector<std::string> failures_;
    kafka::Producer producer_;
};

}  // namespace kiroku::test
