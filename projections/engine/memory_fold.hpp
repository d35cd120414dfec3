// projections/engine/memory_fold.hpp: a read model folded from the log in memory, without a database.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "projections/engine/checkpoint.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// Holds all rows. Throws Indigestible.
class MemoryFold {
public:
    /// Folds up to these places, and not beyond.
    MemoryFold(const ReadModel& model, const Checkpoints& up_to);

    void apply(const Chunk& chunk);

    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] const std::vector<std::unique_ptr<TableFold>>& tables() const { return tables_; }

private:
    [[nodiscard]] bool includes(const Step& step) const;

    std::vector<std::unique_ptr<TableFold>> tables_;
    std::map<log::Partition, Offset> ends_;
    std::uint64_t events_ = 0;
};

/// Reads the log from its beginning to the farthest of these places, once, for all folds. Throws BrokerError,
/// UnreadableRecord, and VersionGap where an event is missing.
void fold_log(const std::string& bootstrap, const std::map<log::Partition, Offset>& ends,
              std::vector<MemoryFold>& folds);

struct VersionGap : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace kiroku::projections
