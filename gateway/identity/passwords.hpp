// gateway/identity/passwords.hpp: hashes and checks passwords off the io thread, a bounded number at a time.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "gateway/core/problem.hpp"
#include "gateway/core/workers.hpp"
#include "infra/crypto/key_set.hpp"
#include "infra/crypto/password.hpp"

namespace kiroku::gateway {

/// A password as the log keeps it, and what tells whether another request had the same one.
struct Credential {
    std::string sealed;  ///< only the server's key opens it
    std::string hash;    ///< Argon2id: for telling apart, never to be stored as it is
};

/// Used on the io thread. Refused as overloaded when too many wait.
class Passwords {
public:
    /// Takes one hash's time: the one that stands in where there is no account.
    Passwords(Workers& workers, const crypto::KeySet& keys, crypto::PasswordCost cost);

    /// The same wish and password give the same hash.
    Task<std::expected<Credential, Problem>> make(std::string password, UserId owner, CommandId wish);

    /// Without a credential it takes as long, and the answer is no.
    Task<std::expected<bool, Problem>> check(std::string password, std::optional<std::string> sealed, UserId owner);

private:
    crypto::Salt salt_of(const CommandId& wish) const;

    Workers& workers_;
    const crypto::KeySet& keys_;
    const crypto::PasswordCost cost_;
    std::string nobodys_;
};

}  // namespace kiroku::gateway
