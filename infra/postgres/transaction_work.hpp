// infra/postgres/transaction_work.hpp: libpqxx's side of a transaction; for this folder only.
#pragma once

#include <pqxx/pqxx>

#include "infra/postgres/connection.hpp"

namespace kiroku::postgres {

struct Transaction::Work {
    explicit Work(Connection::Handle& handle) : handle(handle), work(handle.connection) {}
    Connection::Handle& handle;
    pqxx::work work;
};

}  // namespace kiroku::postgres
