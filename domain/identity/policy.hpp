// domain/identity/policy.hpp: whoever gets the claim to an address is registered with it.
#pragma once

#include <optional>
#include <string_view>

#include "domain/core/policy.hpp"
#include "schemas/identity/types.hpp"

namespace kiroku::identity {

inline constexpr std::string_view register_user_policy = "identity.register_user";

std::optional<Outgoing<UserCommand>> whenever(const EmailClaimed& event, EventId id);

}  // namespace kiroku::identity
