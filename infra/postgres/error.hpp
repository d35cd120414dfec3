// infra/postgres/error.hpp: what can go wrong between Kiroku and its database, by what the caller can do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace kiroku::postgres {

/// The server refused, or can't be reached. Whatever transaction was open is rolled back; the message is for operators.
struct DatabaseError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The connection is gone or was never made: throw it away, make another.
struct ConnectionLost : DatabaseError {
    using DatabaseError::DatabaseError;
};

/// The connection broke while committing: nobody knows yet whether it happened. Read it, from another connection.
struct CommitInDoubt : ConnectionLost {
    using ConnectionLost::ConnectionLost;
};

/// Another transaction was in the way, or the time was up: nothing happened, and the same may succeed later.
struct Conflict : DatabaseError {
    using DatabaseError::DatabaseError;
};

/// A value doesn't fit its column or breaks a constraint: the same will fail again.
struct ValueRefused : DatabaseError {
    using DatabaseError::DatabaseError;
};

/// A table, column or role is not there: `kiroku migrate` has not been here, or with another version.
struct SchemaMissing : DatabaseError {
    using DatabaseError::DatabaseError;
};

}  // namespace kiroku::postgres
