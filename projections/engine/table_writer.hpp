// projections/engine/table_writer.hpp: one table of a read model in the database: reads the rows that a batch needs,
// writes those that it changed, in two statements.
#pragma once

#include "infra/postgres/connection.hpp"
#include "projections/engine/table_fold.hpp"

namespace kiroku::projections {

class TableWriter {
public:
    TableWriter(const TableShape& shape, bool appends);

    /// Folds what was taken, within the transaction. Throws DatabaseError.
    void write(postgres::Transaction& transaction, TableFold& fold) const;

    /// Only reads the rows that folding what was taken needs.
    void load(postgres::Transaction& transaction, TableFold& fold) const;

private:
    postgres::Statement select_;
    postgres::Statement insert_;
};

}  // namespace kiroku::projections
