// projections/engine/analysts.hpp: read models for people with SQL: what the tables mean, and a role that may read
// them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "infra/postgres/connection.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::projections {

/// It reads, and sees no column that is personal or secret. Nobody logs in with it: people get roles that are in it.
inline constexpr std::string_view analyst_role = "kiroku_analyst";

/// Makes the role, for the whole server, if there is none. False: there is none, and we may not make it. Throws
/// DatabaseError, as below.
bool make_role(postgres::Connection& connection, std::string_view role = analyst_role);

/// Tells the database what these read models' tables in `schema` mean, and lets the role, if there is one, read what is
/// open in them. For new tables, and again for those that are there: declarations change. A table takes its rights
/// along into another schema. There are no default privileges: they would open whole tables, with all that is personal.
void open_to_analysts(postgres::Transaction& transaction, const std::string& schema, std::span<const ReadModel> models);

/// "COMMENT ON …" for the table and each column that says what it means.
std::string comments(const std::string& schema, const TableShape& shape);

/// Takes what the role had before, and gives what is open: the table, or only columns where others are not.
std::string grants(const std::string& schema, const TableShape& shape, std::string_view role = analyst_role);

}  // namespace kiroku::projections
