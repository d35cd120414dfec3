// projections/engine/table_writer.hpp: one table of a read model in the database: reads the rows that a batch needs,
// writes those that it changed, in two statements.
#pragma once

#include <memory>

#include "infra/postgres/connection.hpp"
#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

class TableWriter {
public:
    explicit TableWriter(std::unique_ptr<TableFold> fold);

    [[nodiscard]] TableFold& fold() const { return *fold_; }

    /// Folds what was taken, within the transaction. Throws DatabaseError.
    void write(postgres::Transaction& transaction);

private:
    void load(postgres::Transaction& transaction);

    std::unique_ptr<TableFold> fold_;
    postgres::Statement select_;
    postgres::Statement insert_;
};

}  // namespace kiroku::projections
