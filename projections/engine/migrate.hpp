// projections/engine/migrate.hpp: makes the schema, and the tables of the read models in it.
#pragma once

#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// A read model's tables have another shape than this program gives them.
struct ShapeDiffers : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Migrated {
    std::vector<std::string> made;      ///< a line each; nothing: all was there
    std::vector<std::string> outdated;  ///< read models whose tables have another shape: left as they are
};

/// Brings the database up to this program, in one transaction; what is there already stays. `recreate`: read models to
/// drop and project anew from the log. Throws DatabaseError.
Migrated migrate(const postgres::Session& session, const std::vector<ReadModel>& read_models,
                 const std::vector<std::string>& recreate = {});

/// Those of the read models whose tables have another shape than this program gives them. Throws DatabaseError.
std::vector<std::string> outdated_among(postgres::Connection& connection, const std::vector<ReadModel>& read_models);

/// Throws ShapeDiffers, or SchemaMissing, unless `migrate` has been here with these read models.
void check_migrated(postgres::Connection& connection, const std::vector<ReadModel>& read_models);

}  // namespace kiroku::projections
