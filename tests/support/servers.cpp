#include "tests/support/servers.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "schemas/core/uuid.hpp"

namespace kiroku::test {
namespace {

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    REQUIRE_MESSAGE(value != nullptr, name << " is not set: run this through infra/local/with_servers");
    return value;
}

}  // namespace

std::string kafka_server() { return from_environment("KIROKU_KAFKA"); }
std::string postgres_server() { return from_environment("KIROKU_POSTGRES"); }

std::string unused_name() {
    std::string name = "t_";
    for (const char digit : to_string(random_uuid_v7()).substr(24)) {
        name += digit >= 'a' ? digit : static_cast<char>('g' + digit - '0');
    }
    return name;
}

OwnSchema::OwnSchema() {
    session_.server = postgres_server();
    session_.schema = unused_name();
    session_.application = "kiroku tests";
    postgres::Connection{session_}.execute("CREATE SCHEMA " + session_.schema);
}

OwnSchema::~OwnSchema() {
    try {
        postgres::Connection{session_}.execute("SET client_min_messages = warning; DROP SCHEMA " + session_.schema +
                                               " CASCADE");
    } catch (const postgres::DatabaseError&) {  // the server goes with the tests
    }
}

}  // namespace kiroku::test
