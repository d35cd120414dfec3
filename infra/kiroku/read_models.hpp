// infra/kiroku/read_models.hpp: what the verbs that deal with read models share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "infra/runtime/exit.hpp"
#include "infra/runtime/settings.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku {

/// Those of these names, each once; all if none is named. Throws Failure(usage) for a name that is none.
std::vector<projections::ReadModel> read_models_named(const std::vector<std::string>& names);

postgres::Session session_of(const runtime::Database& database);

/// As with_remedies, and for errors of the database and of what is stored there.
runtime::Exit with_database_remedies(const std::function<runtime::Exit()>& work);

}  // namespace kiroku
