// projections/engine/run.hpp: projects read models until it is told to stop.
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/engine/projector.hpp"

namespace kiroku::projections {

struct RunSettings {
    std::string bootstrap;
    postgres::Session session;
    std::vector<ReadModel> read_models;
    bool retry_halted = false;                 ///< go on even where a version gap has halted a partition
    std::map<std::string, Watched> watched{};  ///< by read model; those that aren't named are not watched
};

/// Claims the read models, checks that the log is theirs, and projects, each on a thread of its own, with as few passes
/// over the log as their positions allow. Where an operator has changed a read model's tables, or the database has lost
/// some of what it had, it claims and checks them again and goes on. Returns when `stop` is asked for, or when all of
/// them were taken over by others. Throws LogMismatch, BrokerError, UnreadableRecord, SchemaMissing; the others have
/// stopped then, too.
void run_projectors(const RunSettings& settings, std::stop_token stop);

}  // namespace kiroku::projections
