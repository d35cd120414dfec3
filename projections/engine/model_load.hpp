// projections/engine/model_load.hpp: one read model's rows, from some partitions, into tables that nobody else writes:
// folded in memory, written rarely, by COPY.
//
// Rows that add up stay in memory, and go into their table with the positions when `flush` says so: at the end, and
// every now and then so that a crash costs little. Rows of a history go there as they come, in the same transaction.
// What is in the tables is always what the positions beside them say.
#pragma once

#include <memory>
#include <optional>

#include "infra/postgres/copy.hpp"
#include "projections/engine/checkpoint.hpp"
#include "projections/engine/model_database.hpp"
#include "projections/engine/table_writer.hpp"

namespace kiroku::projections {

/// One thread at a time. Several may load a read model together, each from partitions of its own.
class ModelLoad {
public:
    /// Goes on at these positions, which are those in the tables. `session`: its schema is where they are.
    ModelLoad(ReadModel model, const postgres::Session& session, Checkpoints from);
    ~ModelLoad();

    [[nodiscard]] const ReadModel& model() const { return model_; }
    [[nodiscard]] const postgres::Session& session() const { return session_; }
    [[nodiscard]] const Checkpoints& checkpoints() const { return now_; }  ///< behind what was taken
    [[nodiscard]] std::size_t bytes() const;

    /// From now on, nothing behind these places counts.
    void end_at(const std::map<log::Partition, Offset>& ends) { ends_ = ends; }

    /// The decisions that are its business and that it hasn't seen; what it can't digest is parked. Throws
    /// DatabaseError, as `flush` does: it can't go on then, and what was not flushed is lost.
    void take(const Chunk& chunk);

    /// Puts all that was taken into the tables. Throws DatabaseError, Fenced.
    void flush();
    /// Keeps no rows any more; they are read from the tables again where they are needed. Only behind `flush`.
    void make_room();

private:
    [[nodiscard]] bool wants(const Step& step) const;
    postgres::Transaction& transaction();
    void take_rows(std::size_t table);
    void write_changed(std::size_t table);
    void begin_copy(std::size_t table, bool replaces);
    void ensure_key(std::size_t table);
    void end_copy();

    ReadModel model_;
    postgres::Session session_;
    postgres::Connection connection_;
    Folds tables_;
    Intake intake_{tables_};
    std::vector<TableWriter> writers_;
    std::vector<bool> knows_all_;  // by table: a row that isn't in memory isn't in the database
    std::vector<bool> written_;    // by table: something is in the database
    std::vector<bool> has_key_;    // by table: rows can be found there
    Checkpoints stored_, now_;
    std::map<log::Partition, Offset> ends_;
    std::unique_ptr<postgres::Transaction> transaction_;
    std::optional<postgres::CopyIn> copy_;
    std::size_t copying_ = 0;  // the table that `copy_` goes into
};

}  // namespace kiroku::projections
