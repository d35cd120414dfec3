// projections/engine/memory_fold.hpp: a read model folded from the log in memory, without a database.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "projections/engine/log_walk.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// Holds the rows that add up; those of histories it only shows. Throws Indigestible.
class MemoryFold {
public:
    /// A row of a history, with its table's number.
    using OnRow = std::function<void(std::size_t table, const TableFold::Texts& row)>;

    using Places = std::set<std::pair<log::Partition, Offset>>;

    /// Folds up to these places, and not beyond, but for the decisions that begin at `left_out`.
    MemoryFold(const ReadModel& model, const Checkpoints& up_to, Places left_out);

    void apply(const Chunk& chunk, const OnRow& on_row);

    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] const std::vector<std::unique_ptr<TableFold>>& tables() const { return tables_; }

private:
    [[nodiscard]] bool includes(const Chunk& chunk, const Step& step) const;

    std::vector<std::unique_ptr<TableFold>> tables_;
    std::map<log::Partition, Offset> ends_;
    Places left_out_;
    std::uint64_t events_ = 0;
};

/// Reads the log from its beginning to these places, once. Throws BrokerError,
/// UnreadableRecord, and VersionGap where an event is missing.
void read_log(const std::string& bootstrap, const Ends& ends, const std::function<void(const Chunk&)>& on_chunk);

}  // namespace kiroku::projections
