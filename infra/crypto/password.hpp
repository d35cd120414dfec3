// infra/crypto/password.hpp: Argon2id, so that whoever steals the hashes still has to guess slowly.
//
// Each call takes tens of milliseconds and `memory_bytes` of memory on the calling thread: never on an io thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kiroku::crypto {

struct PasswordCost {
    static constexpr std::size_t floor_bytes = std::size_t{19} << 20;  ///< OWASP's minimum for two passes

    unsigned passes = 2;
    std::size_t memory_bytes = std::size_t{64} << 20;
};

using Salt = std::array<std::uint8_t, 16>;

/// The hash in PHC format, "$argon2id$v=19$m=65536,t=2,p=1$<salt>$<hash>". The same salt gives the same hash.
/// Null if the memory can't be had.
std::optional<std::string> hash_password(std::string_view password, const Salt& salt, PasswordCost cost);

/// Whether `hash` is of this password; false for what is no hash at all, too.
bool verify_password(const std::string& hash, std::string_view password);

}  // namespace kiroku::crypto
