// infra/crypto/short_hash.cpp: a keyed 64-bit hash for tables whose keys strangers choose.
#include "infra/crypto/short_hash.hpp"

#include <sodium.h>

#include <cstring>

#include "infra/crypto/secret.hpp"

namespace kiroku::crypto {

ShortHash::ShortHash() : key_{} { fill_random(key_.data(), key_.size()); }

std::uint64_t ShortHash::operator()(std::string_view text) const {
    static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(std::uint64_t));
    std::uint64_t hash = 0;
    std::array<std::uint8_t, sizeof hash> out{};
    ::crypto_shorthash(out.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key_.data());
    std::memcpy(&hash, out.data(), sizeof hash);
    return hash;
}

}  // namespace kiroku::crypto
