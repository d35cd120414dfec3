// gateway/identity/passwords.cpp: hashes and checks passwords off the io thread, a bounded number at a time.
#include "gateway/identity/passwords.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>

namespace kiroku::gateway {

Passwords::Passwords(Workers& workers, const crypto::KeySet& keys, crypto::PasswordCost cost)
    : workers_{workers}, keys_{keys}, cost_{cost} {
    auto hash = crypto::hash_password("nobody's password", salt_of(CommandId{}), cost_);
    if (!hash) throw std::runtime_error{"there is not enough memory to hash a password"};
    nobodys_ = std::move(*hash);
}

/// Unique to the wish and unknown without the key. Not random, so that the same request made again is seen to be the
/// same.
crypto::Salt Passwords::salt_of(const CommandId& wish) const {
    const auto digest = crypto::hmac_sha256(keys_.credentials(), "salt\n" + to_string(wish));
    crypto::Salt salt;
    std::copy_n(digest.begin(), salt.size(), salt.begin());
    return salt;
}

Task<std::expected<Credential, Problem>> Passwords::make(std::string password, UserId owner, CommandId wish) {
    auto work = [password = std::move(password), salt = salt_of(wish), cost = cost_] {
        return crypto::hash_password(password, salt, cost);
    };
    auto hashed = co_await workers_.run(std::move(work));
    if (!hashed) co_return std::unexpected(CoreRefusal::overloaded);
    if (!*hashed) {
        spdlog::error("gateway: there is not enough memory to hash a password");
        co_return std::unexpected(CoreRefusal::overloaded);
    }
    std::string& hash = **hashed;
    co_return Credential{crypto::seal(keys_.credentials(), hash, to_string(owner)), hash};
}

Task<std::expected<bool, Problem>> Passwords::check(std::string password, std::optional<std::string> sealed,
                                                    UserId owner) {
    auto hash = sealed ? crypto::open(keys_.credentials(), *sealed, to_string(owner)) : std::nullopt;
    if (sealed && !hash) spdlog::error("gateway: a credential can't be opened with the key in credentials.key");
    const bool can_be_right = hash.has_value();
    auto work = [password = std::move(password), hash = std::move(hash).value_or(nobodys_)] {
        return crypto::verify_password(hash, password);
    };
    const auto right = co_await workers_.run(std::move(work));
    if (!right) co_return std::unexpected(CoreRefusal::overloaded);
    co_return can_be_right&&* right;
}

}  // namespace kiroku::gateway
