#include "infra/postgres/connection.hpp"

#include <fmt/format.h>

#include "infra/postgres/connection_handle.hpp"
#include "infra/postgres/transaction_work.hpp"
#include "infra/postgres/translate.hpp"

namespace kiroku::postgres {
namespace {

constexpr int connect_timeout_s = 5;
constexpr int keepalives_idle_s = 5;
constexpr int keepalives_interval_s = 2;
constexpr int keepalives_count = 3;
constexpr int unacknowledged_timeout_ms = 10'000;

using Setting = std::pair<std::string_view, std::string>;

std::string client_settings(std::string_view application, bool as_uri) {
    const Setting settings[] = {
        {"application_name", std::string{application}},
        {"connect_timeout", std::to_string(connect_timeout_s)},
        {"keepalives_idle", std::to_string(keepalives_idle_s)},
        {"keepalives_interval", std::to_string(keepalives_interval_s)},
        {"keepalives_count", std::to_string(keepalives_count)},
        {"tcp_user_timeout", std::to_string(unacknowledged_timeout_ms)},
        {"client_encoding", "UTF8"},
    };
    std::string text;
    for (const auto& [name, value] : settings) text += fmt::format("{}={}{}", name, value, as_uri ? '&' : ' ');
    return text;
}

/// Ours first: of a setting given twice, libpq takes the last.
std::string connection_string(const Session& session) {
    const auto& server = session.server;
    if (!server.starts_with("postgresql://") && !server.starts_with("postgres://")) {
        return client_settings(session.application, false) + server;
    }
    const auto question = server.find('?');
    const auto given = question == std::string::npos ? "" : server.substr(question + 1);
    auto settings = client_settings(session.application, true) + given;
    if (settings.ends_with('&')) settings.pop_back();
    return server.substr(0, question) + '?' + settings;
}

std::string session_settings(const Session& session) {
    auto sql = fmt::format(
        "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET search_path = \"{}\"; SET lock_timeout = {}; "
        "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {};",
        session.schema, session.lock_timeout.count(), session.statement_timeout.count(),
        session.idle_in_transaction_timeout.count());
    if (session.read_only) sql += "SET default_transaction_read_only = on;";
    if (!session.durable) sql += "SET synchronous_commit = off;";
    if (session.by_key) {
        // A plan made while the tables were empty must not scan them for ever.
        sql +=
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = "
            "force_generic_plan;";
    }
    return sql;
}

}  // namespace

Connection::Connection(const Session& session) {
    translated("connecting to PostgreSQL", [&] {
        handle_ = std::make_unique<Handle>(connection_string(session));
        pqxx::nontransaction{handle_->connection}.exec(session_settings(session));
    });
}

Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Rows Connection::execute(std::string_view sql) {
    return translated("running SQL",
                      [&] { return Rows{pqxx::nontransaction{handle_->connection}.exec(std::string{sql})}; });
}

Rows Connection::run(const Statement& statement, const Parameters& values) {
    return translated(statement.name.c_str(), [&] {
        pqxx::nontransaction alone{handle_->connection};
        return Rows{handle_->run(alone, statement, values)};
    });
}

int Connection::backend_pid() const { return handle_->connection.backendpid(); }

Transaction::Transaction(Connection& connection) {
    translated("beginning a transaction", [&] { work_ = std::make_unique<Work>(*connection.handle_); });
}

Transaction::~Transaction() = default;

Rows Transaction::execute(std::string_view sql) {
    return translated("running SQL", [&] { return Rows{work_->work.exec(std::string{sql})}; });
}

Rows Transaction::run(const Statement& statement, const Parameters& values) {
    return translated(statement.name.c_str(), [&] { return Rows{work_->handle.run(work_->work, statement, values)}; });
}

void Transaction::commit() {
    translated("committing", [&] { work_->work.commit(); });
}

}  // namespace kiroku::postgres
