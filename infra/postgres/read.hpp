// infra/postgres/read.hpp: the handle that queries are written against: it can read, and nothing else.
#pragma once

#include "infra/postgres/connection.hpp"

namespace kiroku::postgres {

/// Valid for the call that it is given to, on that thread.
class Read {
public:
    explicit Read(Connection& connection) : connection_(connection) {}

    /// `read.query(statement, user, limit)`: one round trip; sees one snapshot. Throws DatabaseError.
    template <class... T>
    Rows query(const Statement& statement, const T&... values) {
        return connection_.run(statement, parameters(values...));
    }

private:
    Connection& connection_;
};

}  // namespace kiroku::postgres
