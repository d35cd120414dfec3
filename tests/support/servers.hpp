// tests/support/servers.hpp: the broker and the database that integration tests talk to, and places of their own in
// them.
#pragma once

#include <string>

#include "infra/postgres/connection.hpp"

namespace kiroku::test {

/// KIROKU_KAFKA and KIROKU_POSTGRES; without them the test fails: run it through infra/local/with_servers.
std::string kafka_server();
std::string postgres_server();

/// Letters that nothing was called before, to tell one test's topics and tables from another's.
std::string unused_name();

/// A schema of an unused name, gone at the end.
class OwnSchema {
public:
    OwnSchema();
    ~OwnSchema();
    OwnSchema(const OwnSchema&) = delete;
    OwnSchema& operator=(const OwnSchema&) = delete;

    [[nodiscard]] const postgres::Session& session() const { return session_; }

private:
    postgres::Session session_;
};

}  // namespace kiroku::test
