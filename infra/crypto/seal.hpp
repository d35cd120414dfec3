// infra/crypto/seal.hpp: short texts that clients keep for us and can't make up, signed for one purpose.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "infra/crypto/secret.hpp"

namespace kiroku::crypto {

/// Keyed by what all gateways share: any of them opens what one has closed. Signed, not encrypted.
class Seal {
public:
    explicit Seal(Secret key, std::string purpose) : key_{key}, purpose_{std::move(purpose)} {}

    /// The text and its tag (96 bits of BLAKE2b) in base64url. `bound_to`: what it is good for; with anything else it
    /// doesn't open.
    [[nodiscard]] std::string close(std::string_view text, std::string_view bound_to) const;

    /// Null for what wasn't closed with this key for this purpose and `bound_to`.
    [[nodiscard]] std::optional<std::string> open(std::string_view closed, std::string_view bound_to) const;

private:
    [[nodiscard]] std::string tag(std::string_view text, std::string_view bound_to) const;

    Secret key_;
    std::string purpose_;
};

}  // namespace kiroku::crypto
