// infra/postgres/connection_handle.hpp: libpqxx's side of a connection; for this folder only.
#pragma once

#include <pqxx/pqxx>
#include <set>
#include <string>

#include "infra/postgres/connection.hpp"

namespace kiroku::postgres {

/// libpqxx prints notices to stderr unless somebody takes them.
class Silence : public pqxx::errorhandler {
public:
    using errorhandler::errorhandler;
    bool operator()(const char*) noexcept override { return false; }
};

/// libpqxx keeps libpq's handle to itself; only its way of connecting is told.
class KnownConnect : public pqxx::connect_direct {
public:
    using pqxx::connect_direct::connect_direct;
    handle do_startconnect(handle before) override { return latest = pqxx::connect_direct::do_startconnect(before); }
    static inline thread_local handle latest = nullptr;
};

struct Connection::Handle {
    explicit Handle(const std::string& how) : connection(how), libpq(KnownConnect::latest) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
        connection.inhibit_reactivation(true);  // a silent new session would have lost our settings and our transaction
#pragma GCC diagnostic pop
    }

    pqxx::result run(pqxx::transaction_base& transaction, const Statement& statement, const Parameters& values) {
        if (prepared.insert(statement.name).second) connection.prepare(statement.name, statement.sql);
        std::vector<const char*> texts;
        texts.reserve(values.size());
        for (const auto& value : values) texts.push_back(value ? value->c_str() : nullptr);
        return transaction.exec_prepared(statement.name, pqxx::prepare::make_dynamic_params(texts));
    }

    pqxx::basic_connection_base<KnownConnect> connection;
    KnownConnect::handle libpq;  ///< the same
    Silence silence{connection};
    std::set<std::string, std::less<>> prepared;
};

}  // namespace kiroku::postgres
