// gateway/core/caller.hpp: who asks, as a verified access token says.
#pragma once

#include <string>
#include <vector>

#include "schemas/core/types.hpp"

namespace kiroku::gateway {

struct Caller {
    UserId user;
    SessionId session;
    std::string timezone;  ///< IANA, from the token's `zoneinfo`
    std::vector<std::string> roles;
    Instant expires;             ///< the token's end; open sockets are closed then
    std::string organization{};  ///< the token's `org`; empty: none
};

}  // namespace kiroku::gateway
