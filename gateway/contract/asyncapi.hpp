// gateway/contract/asyncapi.hpp: the WebSocket and the Kafka topics in AsyncAPI 3.0, from the schemas.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kiroku::gateway::contract {

/// The channel /ws with every message of schemas/ws, and for each context its topics of commands and events, each with
/// every message of that context. `replies` and `audit` are Kiroku's own and aren't told of.
std::string asyncapi(std::span<const std::string_view> contexts);

}  // namespace kiroku::gateway::contract
