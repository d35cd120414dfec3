// projections/engine/checkpoint.hpp: how far a read model has come, kept with its rows and moved by compare-and-set.
//
// A projector first claims its read model: every partition's epoch goes up by one, which waits for a batch of a former
// owner that is still on its way. Each batch then moves the positions, as its first statement, from where it began, in
// its own epoch. If a row doesn't fit any more, somebody else has claimed it: roll back and step down. That is the
// whole fence.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "infra/log/event_reader.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/engine/chunk.hpp"

namespace kiroku::projections {

/// A read model's place in one partition.
struct Checkpoint {
    std::int64_t epoch = 0;
    std::optional<Uuid> owner;  ///< nothing: another version was put in its place, and nobody has claimed that yet
    log::Cursor cursor;         ///< where to go on, and the term in force there
    std::optional<EventId> last_event;
    Offset last_offset{-1};  ///< that event's
    std::optional<Instant> last_time;
    std::optional<Uuid> log_id;  ///< of the partition's first record: another partition of this name has another
    std::string halted;          ///< why nothing is read on here; empty: it is
};

using Checkpoints = std::map<log::Partition, Checkpoint>;

/// The same behind a step of a chunk.
void go_on(Checkpoint& checkpoint, const Chunk& chunk, const Step& step);

/// Another projector has taken over this read model.
struct Fenced : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Takes over all these partitions in a transaction of its own. `retry`: even those that a version gap has halted; all
/// other halts end anyway, for today's code may know better.
Checkpoints claim(postgres::Connection& connection, const std::string& read_model,
                  std::span<const log::Partition> partitions, const Uuid& owner, bool retry);

Checkpoints read_checkpoints(postgres::Connection& connection, const std::string& read_model);
Checkpoints read_checkpoints(postgres::Transaction& transaction, const std::string& read_model);

/// The fence: moves positions `from` → `to`. Run, it must touch as many rows as there are in `to`; if it doesn't,
/// somebody else has claimed one of them: roll back.
const postgres::Statement& advance_statement();
postgres::Parameters advance_values(const std::string& read_model, const Checkpoints& from, const Checkpoints& to);

/// Keeps why a partition is halted, for operators; unless somebody else has claimed it.
void note_halt(postgres::Connection& connection, const std::string& read_model, const log::Partition& partition,
               const Checkpoint& checkpoint);

inline constexpr std::string_view version_gap = "aggregate_version_gap";

}  // namespace kiroku::projections
