// projections/engine/log_probe.hpp: whether the log is the one that a read model was made from.
//
// A topic that was deleted and made again, or cut, has the same name and offsets of its own; a database restored from a
// backup knows less than it did, a broker's disk restored from one has less than the database knows. So a checkpoint
// keeps the id of the partition's first record and that of the last event, and both must still lie where they lay.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infra/kafka/consumer.hpp"
#include "projections/engine/checkpoint.hpp"

namespace kiroku::projections {

/// The log isn't the one that the checkpoint is of. Nothing is changed; a person has to decide.
struct LogMismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One thread at a time. Throws BrokerError.
class LogProbe {
public:
    explicit LogProbe(const std::string& bootstrap) : consumer_(bootstrap) {}

    /// All partitions of these contexts, in their order.
    std::vector<log::Partition> partitions_of(const std::vector<std::string>& contexts);

    /// Throws LogMismatch if these positions are not ones of this log.
    void check(const std::string& read_model, const Checkpoints& checkpoints);

    /// The id of a partition's first record; nothing while there is none.
    std::optional<Uuid> log_id(const log::Partition& partition);

    /// The same of a partition that has records. Throws BrokerError if it can't be read.
    Uuid first_id(const log::Partition& partition);

    /// When the records at these places were written; places behind the end are left out.
    std::map<log::Partition, Instant> times_at(const std::map<log::Partition, Offset>& places);

    kafka::Watermarks watermarks(const log::Partition& partition);

private:
    using Places = std::map<log::Partition, Offset>;
    struct Found {
        Uuid id;
        Instant time;
    };

    void check_one(const std::string& read_model, const log::Partition& partition, const Checkpoint& checkpoint);
    void look_up(const Places& places);
    [[nodiscard]] std::optional<Uuid> id_at(const log::Partition& partition, Offset offset) const;

    kafka::Consumer consumer_;
    std::map<std::pair<log::Partition, Offset>, Found> found_;
};

}  // namespace kiroku::projections
