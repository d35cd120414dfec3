// projections/engine/verify.hpp: whether the tables are what the log says: an independent fold of it, compared with
// them.
#pragma once

#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// A row that is not as it should be. Values are texts; "null" where there is no row, or none in the column.
struct Difference {
    std::string table;
    std::string key;     ///< "user_id=…"
    std::string column;  ///< empty: the whole row is missing, or too much
    std::string live;
    std::string folded;
};

struct Verdict {
    std::string read_model;
    log::Position position;  ///< both sides are as of here
    std::uint64_t events = 0;
    std::uint64_t rows = 0;  ///< in the fold
    std::uint64_t differing_rows = 0;
    std::vector<Difference> differences;  ///< of the first few rows

    [[nodiscard]] bool holds() const { return differing_rows == 0; }
};

/// Folds the log in memory up to where each read model's tables are, in one pass, and compares within one snapshot; the
/// system may run on meanwhile. Throws DatabaseError, BrokerError, LogMismatch, VersionGap, Indigestible.
std::vector<Verdict> verify(const std::string& bootstrap, const postgres::Session& session,
                            const std::vector<ReadModel>& read_models, int most_shown = 10);

}  // namespace kiroku::projections
