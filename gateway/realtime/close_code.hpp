// gateway/realtime/close_code.hpp: why a WebSocket was closed, and so what its client should do. PROTOCOL.md tells
// clients.
#pragma once

#include <cstdint>
#include <string>

namespace kiroku::gateway::realtime {

enum class CloseCode : std::uint16_t {
    going_away = 1001,         ///< the connection is gone already
    unsupported_data = 1003,   ///< a binary message
    too_many_messages = 1008,  ///< more than a client may send
    restarting = 1012,         ///< this gateway goes down: come back, to another or to its successor
    too_slow = 1013,           ///< the client doesn't read fast enough: come back and go on from the last position
    bad_message = 4400,        ///< not JSON, or not what its schema says
    unauthorized = 4401,       ///< the token is invalid or has expired: come back with a new one
    forbidden =
        4403,  ///< the session or a role was revoked, or the token is somebody else's: refresh, else log in again
    unknown_protocol = 4406,   ///< `kiroku.v1.json` was not among the sub-protocols asked for
    not_authenticated = 4408,  ///< no `authenticate` in time
};

struct Close {
    CloseCode code;
    std::string reason;  ///< for people, at most 120 bytes
};

}  // namespace kiroku::gateway::realtime
