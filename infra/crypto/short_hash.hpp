// infra/crypto/short_hash.hpp: a keyed 64-bit hash for tables whose keys strangers choose.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kiroku::crypto {

/// SipHash-2-4 with a random key of its own: who doesn't know the key can't find two texts that fall together.
class ShortHash {
public:
    ShortHash();
    [[nodiscard]] std::uint64_t operator()(std::string_view text) const;

private:
    std::array<std::uint8_t, 16> key_;
};

}  // namespace kiroku::crypto
