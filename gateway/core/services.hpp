// gateway/core/services.hpp: what the gateway's core needs from the event tail, and what it gives to its routes.
//
// The three interfaces are kept by gateway/realtime, which follows the events of all contexts; unit tests keep their
// own. All of them are called on the io thread only.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/core/caller.hpp"
#include "gateway/core/client_address.hpp"
#include "gateway/core/task.hpp"
#include "infra/log/command.hpp"
#include "infra/log/position.hpp"

namespace kiroku::gateway {

/// A whole valid decision as the tail has read it.
struct SeenDecision {
    log::Position position;               ///< the log up to here includes it
    std::vector<log::ReplyEvent> events;  ///< in order, at least one
};

/// Decisions by the command that they answer, for a request that waits for what its own command caused.
class CausedDecisions {
public:
    virtual ~CausedDecisions() = default;

    /// The decision of that command: at once if it was read lately, as soon as it is read, or null after `within`.
    /// A decision without events leaves nothing in the log and is never seen.
    virtual Task<std::shared_ptr<const SeenDecision>> await(CommandId command, std::chrono::milliseconds within) = 0;
};

/// Login sessions that were revoked while access tokens of theirs may still live.
class Revocations {
public:
    virtual ~Revocations() = default;

    [[nodiscard]] virtual bool is_revoked(const SessionId& session) const = 0;

    /// Whether all are known by now. Until then no token can be believed.
    [[nodiscard]] virtual bool known() const = 0;
};

class Transport;

using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;

/// Who asks for a WebSocket.
struct Visitor {
    ClientAddress client{};  ///< from where, as far as trusted proxies tell
    std::string request{};   ///< `X-Request-Id`, the client's or ours
};

/// Takes over connections that asked for `GET /ws` with `Upgrade: websocket`.
class WebSocketEntry {
public:
    virtual ~WebSocketEntry() = default;

    /// `early` is what the client sent behind its request already. The connection is the callee's from here on: it
    /// answers the handshake (or refuses it), and bounds time, memory and number.
    virtual void accept(Transport transport, UpgradeRequest request, std::string early, Visitor visitor) = 0;
};

}  // namespace kiroku::gateway
