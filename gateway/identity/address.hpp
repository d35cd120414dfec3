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
/// people). Null if it can't be an address: not exactly one @ with something before it, a domain without a dot, spaces,
/// controls or characters that nobody sees, more than 254 bytes.
std::optional<std::string> normal_address(std::string_view typed);

/// Whether there are characters in it that change how others look, or are not seen at all: two texts that look the
/// same but aren't. `joiners`: those that some scripts need between letters (U+200C, U+200D) may be there. The text is
/// UTF-8.
bool has_invisible(std::string_view text, bool joiners);

/// The name of an address in the log. Also of what is no address, so that asking for it looks the same.
EmailClaimId claim_on(std::string_view normal_address, const crypto::Secret& key);

}  // namespace kiroku::gateway
