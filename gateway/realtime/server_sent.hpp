// gateway/realtime/server_sent.hpp: messages as server-sent events write them (HTML, section 9.2).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace kiroku::gateway::realtime {

inline constexpr std::string_view event_stream_type = "text/event-stream";

/// What a client gets that has nothing to be told: it, and whatever lies between, sees that the stream lives.
inline constexpr std::string_view heartbeat = ":\n\n";

/// How long a client is to wait before it comes back.
std::string server_sent_retry(std::chrono::milliseconds after);

/// `id` is what comes back as `Last-Event-ID`; empty: what was told before stays. Neither it nor `event` has line
/// breaks; `data` may.
std::string server_sent(std::string_view event, std::string_view id, std::string_view data);

}  // namespace kiroku::gateway::realtime
