#include "projections/engine/versions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <thread>

#include "projections/engine/analysts.hpp"
#include "projections/engine/table_sql.hpp"

namespace kiroku::projections {
namespace {

using postgres::parameters;
using postgres::Statement;

constexpr std::chrono::seconds lock_patience{2};

constexpr std::array states{"building", "ready", "live", "kept"};

const Statement list_statement{
    "versions_list",
    "SELECT read_model, version, shape, state, schema_name, array_to_string(tables, ','), made_at, live_since "
    "FROM read_model_version ORDER BY read_model, version"};

const Statement insert_statement{"version_insert",
                                 "INSERT INTO read_model_version (read_model, version, shape, state, schema_name, "
                                 "tables) VALUES ($1, $2, $3, $4, $5, $6)"};

const Statement delete_statement{"version_delete",
                                 "DELETE FROM read_model_version WHERE read_model = $1 AND version = $2"};

const Statement state_statement{"version_state",
                                "UPDATE read_model_version SET state = $3 WHERE read_model = $1 AND version = $2"};

VersionState state_of(const std::string& word) {
    return static_cast<VersionState>(std::ranges::find(states, word) - states.begin());
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        parts.emplace_back(list.substr(0, list.find(',')));
        list.remove_prefix(std::min(list.size(), parts.back().size() + 1));
    }
    return parts;
}

template <class Rows>
std::vector<Version> versions_in(const Rows& rows) {
    std::vector<Version> versions;
    for (const auto& row : rows) {
        versions.push_back({.read_model = row.template get<std::string>(0),
                            .number = row.template get<int>(1),
                            .shape = row.template get<int>(2),
                            .state = state_of(row.template get<std::string>(3)),
                            .schema = row.template get<std::string>(4),
                            .tables = split(row.template get<std::string>(5)),
                            .made_at = row.template get<Instant>(6),
                            .live_since = row.template get<std::optional<Instant>>(7)});
    }
    return versions;
}

std::string lock_key(const std::string& schema, const std::string& read_model) {
    return fmt::format("hashtext('kiroku versions {} {}')", schema, read_model);
}

postgres::Session patient(postgres::Session session) {
    session.application = "kiroku versions";
    session.statement_timeout = session.idle_in_transaction_timeout = {};
    return session;
}

}  // namespace

std::string_view to_string(VersionState state) { return states.at(static_cast<std::size_t>(state)); }

std::vector<Version> versions_of(postgres::Connection& connection) {
    return versions_in(connection.run(list_statement, {}));
}

VersionLock::VersionLock(const postgres::Session& session, const std::string& read_model) : connection_(session) {
    const auto sql = fmt::format("SELECT pg_try_advisory_lock({})", lock_key(session.schema, read_model));
    // The server may need a moment to notice that whoever had it is gone.
    const auto give_up = std::chrono::steady_clock::now() + lock_patience;
    while (!connection_.execute(sql)[0].get<bool>(0)) {
        if (std::chrono::steady_clock::now() > give_up)
            throw VersionRefused(fmt::format("another process works on versions of {}", read_model));
        std::this_thread::sleep_for(lock_patience / 20);
    }
}

bool is_locked(postgres::Connection& connection, const std::string& schema, const std::string& read_model) {
    const auto key = lock_key(schema, read_model);
    return connection
        .execute(fmt::format("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
                             "((classid::bigint << 32) | objid::bigint) = {}::bigint)",
                             key))[0]
        .get<bool>(0);
}

postgres::Session beside(const postgres::Session& session, const std::string& schema) {
    auto other = session;
    other.schema = schema;
    return other;
}

void create_beside(postgres::Transaction& transaction, const std::string& live_schema, const std::string& schema,
                   std::span<const ReadModel> models) {
    const auto there = transaction.execute(fmt::format("SELECT 1 FROM pg_namespace WHERE nspname = '{}'", schema));
    if (!there.empty()) throw VersionRefused(fmt::format("there is a schema {} already", schema));
    transaction.execute(
        fmt::format("CREATE SCHEMA \"{0}\"; SET LOCAL search_path = \"{0}\"; "
                    "CREATE TABLE checkpoint (LIKE \"{1}\".checkpoint INCLUDING ALL); "
                    "CREATE TABLE parked (LIKE \"{1}\".parked INCLUDING ALL)",
                    schema, live_schema));
    for (const auto& model : models) {
        for (const auto& table : model.make_tables(Keep::some))
            transaction.execute(create_bare_table(table->shape(), table->appends()));
    }
    open_to_analysts(transaction, schema, models);
    transaction.execute(fmt::format("SET LOCAL search_path = \"{}\"", live_schema));
}

Version begin_version(const postgres::Session& session, const ReadModel& model, bool anew) {
    postgres::Connection connection{patient(session)};
    postgres::Transaction transaction{connection};
    int number = 1;
    for (const auto& version : versions_in(transaction.run(list_statement, {}))) {
        if (version.read_model != model.name) continue;
        number = version.number + 1;
        if (version.state != VersionState::building) continue;
        if (version.shape == model.shape && !anew) return version;
        transaction.execute(fmt::format("DROP SCHEMA IF EXISTS \"{}\" CASCADE", version.schema));
        transaction.run(delete_statement, parameters(version.read_model, version.number));
    }
    Version version;
    version.read_model = model.name;
    version.number = number;
    version.shape = model.shape;
    version.schema = fmt::format("{}_{}_v{}", session.schema, model.name, number);
    for (const auto& table : model.make_tables(Keep::some)) version.tables.push_back(table->shape().name);
    create_beside(transaction, session.schema, version.schema, {&model, 1});
    transaction.run(insert_statement, parameters(model.name, number, model.shape, to_string(VersionState::building),
                                                 version.schema, postgres::array_of(version.tables)));
    transaction.commit();
    return version;
}

void mark_ready(const postgres::Session& session, const Version& version) {
    postgres::Connection connection{session};
    connection.run(state_statement, parameters(version.read_model, version.number, to_string(VersionState::ready)));
}

void drop_version(const postgres::Session& session, const Version& version) {
    if (version.state == VersionState::live)
        throw VersionRefused(fmt::format("version {} of {} is live", version.number, version.read_model));
    postgres::Connection connection{patient(session)};
    postgres::Transaction transaction{connection};
    transaction.execute(
        fmt::format("SET LOCAL client_min_messages = warning; DROP SCHEMA IF EXISTS \"{}\" CASCADE", version.schema));
    transaction.run(delete_statement, parameters(version.read_model, version.number));
    transaction.commit();
}

}  // namespace kiroku::projections
