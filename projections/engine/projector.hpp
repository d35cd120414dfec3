// projections/engine/projector.hpp: writes one read model: batches of the log into rows and positions, each a
// transaction.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "projections/engine/model_database.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/watched.hpp"

namespace kiroku::projections {

/// The position is where no projector has put it: the database was restored, or lost its last commits in a crash. Claim
/// the tables again, which compares the position with the log, and go on from there.
struct PositionMoved : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An operator has changed the tables: another version was put in their place, or what was parked was taken up. Claim
/// them again, and go on from there.
struct TablesChanged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The process is to stop while the database can't be reached.
struct Stopped : std::exception {
    const char* what() const noexcept override { return "stopped"; }
};

/// One thread at a time. A batch is either in the tables, position and all, or not at all; whenever it isn't sure which
/// (a conflict, a lost connection, a commit in doubt), it reads the position, and does the batch again if it isn't in.
/// An unreachable database is waited for until `stop`.
class Projector {
public:
    Projector(ReadModel model, std::unique_ptr<ModelDatabase> database, std::stop_token stop);
    Projector(ReadModel model, postgres::Session session, std::stop_token stop);  ///< in PostgreSQL
    ~Projector();

    /// Takes the read model over from whoever had it, in these partitions. Throws ShapeDiffers, SchemaMissing, Stopped.
    void claim(std::span<const log::Partition> partitions, bool retry_halted = false);

    [[nodiscard]] const ReadModel& model() const { return model_; }
    [[nodiscard]] const Checkpoints& checkpoints() const { return checkpoints_; }

    /// Applies the steps that this read model has not seen yet. A decision that it can't digest is parked.
    /// Throws Fenced, TablesChanged, PositionMoved, Stopped, SchemaMissing.
    void apply(std::span<const ChunkPointer> chunks);

    /// While there is nothing to apply: whether the positions are still where they were put. A database that was
    /// restored, or that crashed before its last commits were on the disk, knows less, and would go on knowing less
    /// until something happens. Throws TablesChanged, PositionMoved, Stopped, SchemaMissing.
    void look();

    /// Counts retries there from now on; may be null.
    void count_in(ProjectCounts* counts) { counts_ = counts; }

private:
    struct Work {
        const Chunk* chunk;
        const Step* step;
    };
    using Works = std::span<const Work>;

    void apply(Works works);
    void apply_one_by_one(Works works, const std::string& refused);
    Checkpoints gather(Works works);
    void gather_one(const Work& work, Checkpoints& to);
    bool is_in(const Checkpoints& to);
    [[noreturn]] void throw_taken(const log::Partition& partition, const Checkpoint& by) const;
    void accept(const Checkpoints& to);
    void halt(const log::Partition& partition, const std::string& why);
    void note_halts();
    void forget();
    void rest(std::string_view because);
    void count(const postgres::DatabaseError& error);

    ReadModel model_;
    std::unique_ptr<ModelDatabase> database_;
    std::stop_token stop_;
    Uuid owner_;
    Folds folds_;
    Intake intake_{folds_};
    Checkpoints checkpoints_;
    std::vector<log::Partition> halts_to_note_;
    int failures_ = 0;  ///< in a row
    ProjectCounts* counts_ = nullptr;
};

}  // namespace kiroku::projections
