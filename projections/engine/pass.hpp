// projections/engine/pass.hpp: reads the log once for several read models.
//
// Each event is read from the broker, checked against the rule and taken apart once, and handed to every worker of the
// pass; each of them writes in transactions of its own, so that none is held up or failed by another for longer than
// its queue lasts. Read models that are far apart don't share a pass: who is new would make all others wait.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "projections/engine/log_probe.hpp"
#include "projections/engine/version_watch.hpp"
#include "projections/engine/worker.hpp"

namespace kiroku::projections {

class Pass {
public:
    static constexpr std::int64_t near_enough = 20'000;  ///< records apart that still share a pass
    static constexpr int most_records = 1'000;           ///< taken from the broker at once

    /// The worker outlives the pass.
    explicit Pass(Worker& first);

    /// Whether a worker's positions are near this pass's.
    [[nodiscard]] bool suits(const Worker& worker) const;
    void add(Worker& worker);

    /// Reads and hands out until a stop is asked for or all its workers have ended. Throws BrokerError,
    /// UnreadableRecord.
    void run(const std::string& bootstrap, const std::stop_token& stop);

private:
    void take(const log::ReadDecision& decision, Chunk& chunk);
    void note_ends(const log::EventReader& reader, Chunk& chunk);
    Uuid log_id(const log::Partition& partition);
    bool hand_out(const ChunkPointer& chunk, const std::stop_token& stop);

    std::vector<Worker*> workers_;
    std::map<log::Partition, log::Cursor> cursors_;  ///< up to where it was handed out
    std::map<log::Partition, Uuid> log_ids_;
    std::set<log::Partition> halted_;
    VersionWatch versions_;
    std::unique_ptr<LogProbe> probe_;
};

}  // namespace kiroku::projections
