// gateway/core/access_token.hpp: the short-lived ES256 tokens (RFC 9068, typ at+jwt) that say who asks.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/core/caller.hpp"

namespace kiroku::crypto {
class KeySet;
}

namespace kiroku::gateway {

/// Why a token is not believed. Clients learn no more than "expired" or "invalid".
enum class TokenProblem {
    malformed,        ///< not three parts of base64url, or longer than 8 KiB
    unknown_header,   ///< not exactly the header of one of our own keys: other algorithm, type, key or extra members
    wrong_signature,  ///< not signed by the key that the header names
    wrong_claims,     ///< signed by us, but for another issuer, audience or purpose
    not_yet_valid,
    expired,
};

/// Issues and verifies access tokens. Remembers a bounded number of verified ones (by their keyed hash) until they
/// expire, because a signature costs about 100 µs to check. Used on the io thread only.
class AccessTokens {
public:
    struct Settings {
        std::string issuer = "kiroku";
        std::string audience = "kiroku-api";
        std::chrono::seconds life{15 * 60};
        std::chrono::seconds leeway{30};
        std::size_t most_remembered = 100'000;
        std::size_t most_issued_remembered = 256;
    };

    AccessTokens(const crypto::KeySet& keys, Settings settings);
    ~AccessTokens();

    /// The same claims lately issued here are the same text, though signatures are random: a repeated answer is the
    /// same.
    [[nodiscard]] std::string issue(const Caller& caller, Instant issued_at);
    [[nodiscard]] std::expected<Caller, TokenProblem> verify(std::string_view token, Instant now);

    [[nodiscard]] const Settings& settings() const { return settings_; }

private:
    struct Remembered;
    [[nodiscard]] std::expected<Caller, TokenProblem> check(std::string_view token, Instant now) const;

    Settings settings_;
    const crypto::KeySet& keys_;
    std::unique_ptr<Remembered> remembered_;
};

}  // namespace kiroku::gateway
