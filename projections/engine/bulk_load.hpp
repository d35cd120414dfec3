// projections/engine/bulk_load.hpp: loads read models from the log into tables of their own, on several threads,
// reading each partition once for all of them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/engine/log_walk.hpp"
#include "projections/engine/parking_load.hpp"

namespace kiroku::projections {

/// A read model and the schema where its tables and positions are, made by `create_version` or the like.
struct LoadTarget {
    ReadModel model;
    postgres::Session session;
};

/// Adds what read models are told instead of this decision of the log, at its place. Of each thread its own; a
/// partition's decisions come in their order, each once.
using Retell = std::function<void(const Chunk& chunk, const Step& step, Chunk& told)>;

struct LoadSettings {
    int jobs = 2;                          ///< threads, each with partitions of its own
    std::size_t most_bytes = 4UL << 30;    ///< of rows in memory, of all read models; beyond it they wait in the tables
    double most_records_a_second = 0;      ///< 0: as fast as it goes
    std::chrono::seconds flush_every{30};  ///< so much is read again after a crash, at the most
    bool exact = false;                    ///< nothing behind the ends may get in
    /// Only where `exact`, and from the beginning of the log. Nothing: what the log says. Called once a thread.
    std::function<Retell()> make_retell{};
};

struct PartitionProgress {
    log::Partition partition;
    std::int64_t done = 0, all = 0;  ///< records
};
using LoadProgress = std::vector<PartitionProgress>;

/// Not thread-safe. After an exception it can't be used any more; what was flushed stays, and a new one goes on there.
class BulkLoad {
public:
    BulkLoad(std::string bootstrap, const std::vector<LoadTarget>& targets, LoadSettings settings);
    ~BulkLoad();

    /// Where the log ends now, in all partitions that are read.
    Ends ends();

    /// Reads up to these places and flushes; `on_progress` is called on this thread a few times a second. False: it was
    /// stopped before, and flushed; it can't be used any more then. Decisions that a read model can't digest, or whose
    /// values its tables refuse, are parked. Throws DatabaseError, BrokerError, UnreadableRecord, VersionGap, Fenced;
    /// ValueRefused, too, where `make_retell` is set.
    bool to(const Ends& ends, const std::stop_token& stop,
            const std::function<void(const LoadProgress&)>& on_progress = {});

    /// Loads this read model no longer.
    void leave(const std::string& read_model);

private:
    class Job;
    [[nodiscard]] LoadProgress progress(const Ends& ends) const;

    std::string bootstrap_;
    LoadSettings settings_;
    std::vector<std::unique_ptr<Job>> jobs_;
};

}  // namespace kiroku::projections
