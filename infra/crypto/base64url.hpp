// infra/crypto/base64url.hpp: bytes as text that fits into URLs, tokens and JSON (RFC 4648 section 5, no padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kiroku::crypto {

std::string base64url(std::string_view bytes);

/// Null for anything but what `base64url` gives: padding, other alphabets, spaces and unused bits that are set.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace kiroku::crypto
