// projections/engine/model_database.hpp: the database as the projector of one read model sees it.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/engine/checkpoint.hpp"
#include "projections/engine/intake.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// All but `rest` throw DatabaseError.
class ModelDatabase {
public:
    virtual ~ModelDatabase() = default;

    /// Takes over all these partitions: their epochs go up. `retry`: even those that a version gap has halted.
    virtual Checkpoints claim(std::span<const log::Partition> partitions, const Uuid& owner, bool retry) = 0;
    virtual Checkpoints checkpoints() = 0;
    virtual std::vector<ParkedKey> parked() = 0;

    /// In one transaction: moves the positions, folds what was taken, writes what changed, and notes what is parked.
    /// False, and nothing of it: the positions are not at `from` any more, or somebody else has claimed one.
    virtual bool write(const Checkpoints& from, const Checkpoints& to, const Folds& folds,
                       std::span<const ParkedDecision> parked) = 0;

    /// For operators: why a partition is halted; unless somebody else has claimed it.
    virtual void note_halt(const log::Partition& partition, const Checkpoint& checkpoint) = 0;

    virtual void reconnect() = 0;  ///< with the next call
    virtual void rest(std::chrono::milliseconds time, const std::stop_token& stop) = 0;
};

std::unique_ptr<ModelDatabase> in_postgres(const ReadModel& model, postgres::Session session);

/// Tables that a load writes, which has claimed them: its epochs stay, and what fails is not tried again but thrown.
std::unique_ptr<ModelDatabase> of_a_load(const ReadModel& model, postgres::Session session);

}  // namespace kiroku::projections
