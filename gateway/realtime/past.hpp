// gateway/realtime/past.hpp: what has happened, in the shape in which the gateway keeps it and tells it to clients.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/realtime/partitions.hpp"
#include "infra/log/command.hpp"
#include "infra/log/event_reader.hpp"
#include "infra/log/position.hpp"
#include "infra/tracing/trace_context.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway::realtime {

/// An event. `text` is made once, by the tail's thread, and goes to every reader as it is.
struct PastEvent {
    Offset offset;
    EventId id;
    log::Version version;
    Instant time;
    UserId owner{};             ///< whose channel "me" tells it; nil: nobody's
    SessionId revoked{};        ///< the login session that it ended; nil: none
    UserId demoted{};           ///< who lost a role by it; nil: nobody
    std::string text{};         ///< {"id":…,"type":…,"subject":…,"time":…,"traceparent":…,"data":…}
    std::string public_text{};  ///< what anybody may know of it, for the leaderboard's channel; empty: nothing

    [[nodiscard]] std::string_view type() const { return std::string_view{text}.substr(type_at, type_size); }
    [[nodiscard]] std::string_view data() const {
        return std::string_view{text}.substr(data_at, text.size() - data_at - 1);
    }

    std::uint32_t type_at = 0;
    std::uint32_t type_size = 0;
    std::uint32_t data_at = 0;
};

/// A whole decision, never changed once made. Of identity's events the data is left out: it holds credentials.
struct PastDecision {
    Slot slot = 0;
    CommandId command;
    Offset answers{};  ///< where that command lies in its own topic
    Offset next;       ///< reading on from here continues behind it
    std::vector<PastEvent> events{};
    tracing::TraceContext trace{};  ///< of its command, if that is sampled

    [[nodiscard]] std::size_t bytes() const;

    /// The log up to here includes it.
    [[nodiscard]] log::Position position(const Partitions& partitions) const;

    /// Its events as an answer tells them.
    [[nodiscard]] std::vector<log::ReplyEvent> told() const;
};

/// Whether decisions of this context are kept with all of their data.
bool is_kept_whole(std::string_view context);

/// What gateways do with events of this type, in words; empty: nothing.
std::string_view purpose_of(std::string_view type);

PastDecision past_decision(const log::ReadDecision& read, const Partitions& partitions);

}  // namespace kiroku::gateway::realtime
