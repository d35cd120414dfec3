// gateway/identity/address.hpp: when two e-mail addresses are the same one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "infra/crypto/secret.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway {

/// Trimmed, with ASCII letters in lower case. Letters beyond ASCII stay as they were typed, composed or not: whoever
/// types them in another normal form has another address (mail servers differ there, so guessing could merge two
/// people). Null if it can't be an address: not exactly one @ with something before it, a domain without a dot, spaces
/// or controls, more than 254 bytes.
std::optional<std::string> normal_address(std::string_view typed);

/// The name of an address in the log. Also of what is no address, so that asking for it looks the same.
EmailClaimId claim_on(std::string_view normal_address, const crypto::Secret& key);

}  // namespace kiroku::gateway
