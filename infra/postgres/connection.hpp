// infra/postgres/connection.hpp: one connection to PostgreSQL, its timeouts and what it has prepared.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "infra/postgres/parameters.hpp"
#include "infra/postgres/rows.hpp"

namespace kiroku::postgres {

/// Where the database is and how a session there behaves.
struct Session {
    std::string server;  ///< "postgresql://…" or "host=… dbname=…"; what it says goes before what is said here
    std::string schema = "kiroku";       ///< where the tables are
    std::string application = "kiroku";  ///< shown to operators in pg_stat_activity
    std::chrono::milliseconds lock_timeout{2'000};
    std::chrono::milliseconds statement_timeout{10'000};
    std::chrono::milliseconds idle_in_transaction_timeout{15'000};  ///< after it a stopped process's locks die
    bool read_only = false;
    bool durable = true;  ///< false: a commit may be lost with the server (and is read from the log again)
    bool by_key = false;  ///< plans never scan a whole table; for those who only ever ask by key
};

/// A statement that a connection prepares when it first needs it. Names are unique among those of a connection.
struct Statement {
    std::string name;
    std::string sql;
};

/// One thread at a time. Never reconnects by itself: after ConnectionLost only the destructor may be called.
class Connection {
public:
    /// Throws ConnectionLost.
    explicit Connection(const Session& session);
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;

    /// Runs SQL without parameters, one statement or several, outside of a transaction of ours; gives the last one's
    /// result.
    Rows execute(std::string_view sql);

    /// Runs one prepared statement in a transaction of its own.
    Rows run(const Statement& statement, const Parameters& values);

    [[nodiscard]] int backend_pid() const;

    struct Handle;

private:
    friend class Transaction;
    friend class Listener;
    std::unique_ptr<Handle> handle_;
};

/// Rolls back unless committed. One at a time on a connection.
class Transaction {
public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Rows execute(std::string_view sql);
    Rows run(const Statement& statement, const Parameters& values);

    /// Throws CommitInDoubt where the connection breaks over it.
    void commit();

private:
    friend class CopyIn;
    struct Work;
    std::unique_ptr<Work> work_;
};

}  // namespace kiroku::postgres
