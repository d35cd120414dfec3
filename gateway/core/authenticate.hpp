// gateway/core/authenticate.hpp: who sent this request, and may they do what its route does?
#pragma once

#include <expected>

#include "gateway/core/caller.hpp"
#include "gateway/core/fields.hpp"
#include "gateway/core/permission.hpp"
#include "gateway/core/problem.hpp"
#include "gateway/core/services.hpp"

namespace kiroku::gateway {

class AccessTokens;

/// Reads `Authorization: Bearer …`. Refused: without a token, with one that isn't valid, of a session that was ended,
/// or without the permission.
std::expected<Caller, Problem> authenticate(const Fields& fields, Permission permission, AccessTokens& tokens,
                                            const Revocations& revocations, Instant now);

}  // namespace kiroku::gateway
