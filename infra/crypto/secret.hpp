// infra/crypto/secret.hpp: 32 secret bytes, and what is done with them: keyed hashes, sealed texts, comparisons.
//
// All functions may be called from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/core/uuid.hpp"

namespace kiroku::crypto {

/// A symmetric key. Wiped when it goes.
class Secret {
public:
    static constexpr std::size_t size = 32;

    static Secret random();
    /// Null unless `bytes` has the size of a key.
    static std::optional<Secret> from_bytes(std::string_view bytes);

    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret();

    [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
    [[nodiscard]] std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), size}; }

private:
    Secret() = default;

    std::array<std::uint8_t, size> bytes_{};
};

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view message);
Digest hmac_sha256(const Secret& key, std::string_view message);
inline std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// A name-based UUID of version 8: the first bits of HMAC-SHA256. Nobody without the key can tell what it stands for.
Uuid keyed_uuid(const Secret& key, std::string_view name);

/// A fast keyed hash (BLAKE2b, 128 bits), to find things by what must not be kept.
using Fingerprint = std::array<std::uint8_t, 16>;
Fingerprint fingerprint(const Secret& key, std::string_view text);

/// Takes the same time wherever they differ.
bool equal(std::string_view a, std::string_view b);

void fill_random(std::uint8_t* out, std::size_t size);

/// XChaCha20-Poly1305 with a random nonce, as base64url. What is sealed for one `owner` opens for that owner only.
std::string seal(const Secret& key, std::string_view plain, std::string_view owner);
/// Null if it wasn't sealed with this key for this owner.
std::optional<std::string> open(const Secret& key, std::string_view sealed, std::string_view owner);

}  // namespace kiroku::crypto
