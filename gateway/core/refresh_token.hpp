// gateway/core/refresh_token.hpp: the opaque tokens that get new access tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "infra/crypto/secret.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway {

/// What a refresh token stands for. Which generation is good is for the user's sessions aggregate to decide.
struct RefreshToken {
    UserId user;
    SessionId session;
    Generation generation{1};

    bool operator==(const RefreshToken&) const = default;

    /// Derived, not stored: the same generation is the same text whenever it is asked for, so a client that lost its
    /// answer can be given it again. Nobody makes one without the key.
    [[nodiscard]] std::string text(const crypto::Secret& key) const;

    /// Null for anything but what `text` gives with this key.
    static std::optional<RefreshToken> read(std::string_view text, const crypto::Secret& key);
};

}  // namespace kiroku::gateway
