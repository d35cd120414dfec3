// projections/engine/verify.hpp: whether the tables are what the log says: an independent fold of it, compared with
// them.
#pragma once

#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "infra/postgres/connection.hpp"
#include "projections/engine/read_model.hpp"
#include "projections/engine/row_difference.hpp"

namespace kiroku::projections {

struct Verdict {
    std::string read_model;
    log::Position position;  ///< both sides are as of here
    std::uint64_t events = 0;
    std::uint64_t rows = 0;               ///< compared: by the fold
    std::uint64_t differing_ranges = 0;   ///< of keys' hashes, of 4,096 a table
    std::uint64_t differing_rows = 0;     ///< in the ranges that were looked at; there may be more in others
    std::vector<Difference> differences;  ///< of the first few rows of each table

    [[nodiscard]] bool holds() const { return differing_ranges == 0; }
};

struct VerifySettings {
    std::string bootstrap;
    postgres::Session session;
    std::vector<ReadModel> read_models;
    std::size_t most_shown = 10;  ///< differing rows, of each table
    double sample = 1;            ///< the share of keys that is compared
};

/// Folds the log in memory up to where each read model's tables are, in one pass, and compares within one snapshot; the
/// system may run on meanwhile. First a hash per range of keys, then, where these differ, rows. Rows that add up are in
/// memory meanwhile, those of histories are not. What is parked, or was given up, is left out of the fold, too. Throws
/// DatabaseError, BrokerError, LogMismatch, VersionGap, Indigestible.
std::vector<Verdict> verify(const VerifySettings& settings);

}  // namespace kiroku::projections
