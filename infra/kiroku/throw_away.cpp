#include "infra/kiroku/throw_away.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/postgres/read.hpp"
#include "infra/runtime/exit.hpp"
#include "projections/engine/positions.hpp"

namespace kiroku {
namespace {

std::string new_name(const std::string& beginning) {
    auto now = to_string(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    std::erase_if(now, [](char c) { return c == '-' || c == ':'; });
    return fmt::format("{}_{}_{}", beginning, now.substr(0, 8), now.substr(9, 6));
}

bool is_name(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.size() <= 60 && (name[0] < '0' || name[0] > '9') && std::ranges::all_of(name, fits) &&
           !name.starts_with("pg_");
}

}  // namespace

std::string throw_away_name(const std::string& given, const std::string& beginning) {
    const auto name = given.empty() ? new_name(beginning) : given;
    if (is_name(name)) return name;
    throw runtime::Failure(runtime::Exit::usage, fmt::format("{} is no name for a schema.", name),
                           "Lower-case letters, digits and _, at most 60, not beginning with a digit or pg_.");
}

ThrowAway look_at(const projections::RebuildSettings& made, const std::string& schema) {
    ThrowAway found{.schema = schema, .position = {}, .tables = {}};
    postgres::Connection connection{projections::beside(made.session, schema)};
    postgres::Read read{connection};
    for (const auto& model : made.read_models) {
        found.position.include(projections::position_of(read, model.name));
        for (const auto& table : model.make_tables(projections::Keep::some)) {
            const auto& name = table->shape().name;
            const auto rows = connection.execute(fmt::format(R"(SELECT count(*) FROM "{}".{})", schema, name));
            found.tables.push_back({name, rows[0].get<std::int64_t>(0)});
        }
    }
    return found;
}

std::string ThrowAway::text() const {
    std::string text;
    for (const auto& table : tables) text += fmt::format("  {}.{}: {} rows\n", schema, table.name, table.rows);
    return text + fmt::format("\nup to {}\nwhen you are done: psql \"$KIROKU_POSTGRES\" -c 'DROP SCHEMA {} CASCADE'\n",
                              position.text(), schema);
}

std::string ThrowAway::json_members() const {
    std::string list;
    for (const auto& table : tables)
        list += fmt::format(R"({}{{"table":"{}","rows":{}}})", list.empty() ? "" : ",", table.name, table.rows);
    return fmt::format(R"("schema":"{}","position":"{}","tables":[{}])", schema, position.text(), list);
}

}  // namespace kiroku
