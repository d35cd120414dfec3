// projections/engine/finish_tables.hpp: what tables need to be asked, once their rows are in: keys, indexes,
// statistics. Each step looks at what is there, so it can be done again after having been broken off anywhere.
#pragma once

#include <cstddef>

#include "infra/postgres/connection.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

struct IndexingLimits {
    int jobs = 1;                ///< processors of the database's that are kept busy
    std::size_t most_bytes = 0;  ///< of the database's memory to sort in, of all of them together
};

/// Makes keys and indexes as far as they aren't there, several at once even of one table, and gathers statistics.
/// `session`: of the schema that the tables are in. Throws DatabaseError: what was made stays.
void finish_tables(const postgres::Session& session, const ReadModel& model, const IndexingLimits& limits);

/// Makes the table's primary key unless it is there: from its index, if that is. Others that do the same wait; so must
/// whoever writes the table. Throws DatabaseError.
void ensure_key(const postgres::Session& session, const TableShape& shape);

}  // namespace kiroku::projections
