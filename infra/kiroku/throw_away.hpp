// infra/kiroku/throw_away.hpp: read models in a schema that nobody else uses, to be asked with SQL and dropped: what
// as-of and what-if share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "infra/log/position.hpp"
#include "projections/engine/rebuild.hpp"

namespace kiroku {

/// `given`, or if it is empty a new name by when it was asked for: "leaderboard_as_of_20261122_101500". Throws
/// Failure(usage) for what can't be one.
std::string throw_away_name(const std::string& given, const std::string& beginning);

/// What was made.
struct ThrowAway {
    struct Table {
        std::string name;
        std::int64_t rows = 0;
    };

    std::string schema;
    log::Position position;  ///< up to where it was read
    std::vector<Table> tables;

    /// Each table, the position, and how to drop it all.
    [[nodiscard]] std::string text() const;
    /// `"schema":"…","position":"…","tables":[…]`
    [[nodiscard]] std::string json_members() const;
};

ThrowAway look_at(const projections::RebuildSettings& made, const std::string& schema);

}  // namespace kiroku
