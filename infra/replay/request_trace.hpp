// infra/replay/request_trace.hpp: the way of a request through the log, with the times at which it was written down.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "infra/log/command.hpp"
#include "infra/replay/kept_event.hpp"

namespace kiroku::replay {

/// A command as it lies in its topic.
struct WrittenCommand {
    log::Partition partition;
    Offset offset;
    Instant written;  ///< by the broker's clock; it is the decision's `now`, too
    log::CommandRecord record;
};

struct WrittenReply {
    Instant written;  ///< by the decider's clock
    log::Reply reply;
};

/// Where something lies: in the event topic or in the command topic of a context.
using PlaceIn = std::pair<log::Partition, Offset>;

/// All that the log tells of some requests, in any order.
struct FoundRecords {
    std::set<std::string, std::less<>> requests;  ///< correlation ids
    std::vector<WrittenCommand> commands;         ///< of these requests
    std::vector<KeptEvent> events;  ///< of these requests, and those that answered their commands' ids before
    std::vector<WrittenReply> replies;
    std::map<PlaceIn, Instant> written;  ///< of the events
};

enum class Fate {
    decided,   ///< it led to events
    repeated,  ///< its id had been decided before: it was answered with that
    refused,   ///< the reply says why
    quiet,     ///< there was nothing to do
    unknown,   ///< no event, and no reply is kept (any more)
};

struct TracedEvent;

struct TracedCommand {
    CommandId id;
    log::Partition partition;
    Offset offset;                    ///< in the command topic
    const WrittenCommand* written{};  ///< null: its topic doesn't have it any more
    Fate fate = Fate::unknown;
    const WrittenReply* reply{};        ///< null: none is kept
    const KeptEvent* decided_before{};  ///< where it is repeated and that is known: the first event of its decision
    std::vector<TracedEvent> events;    ///< in their order
    [[nodiscard]] std::string_view actor() const;
    [[nodiscard]] Instant begin() const;  ///< if its record is gone: its events' time, which is the same
    [[nodiscard]] Instant end() const;    ///< its last event's or its reply's
};

struct TracedEvent {
    const KeptEvent* event{};
    Instant written;
    std::vector<TracedCommand> commands;  ///< that policies answered it with
};

struct RequestTrace {
    std::set<std::string, std::less<>> traces;  ///< W3C trace ids
    std::vector<TracedCommand> commands;        ///< that no event here led to; earlier ones first, as everywhere
    Instant begin, end;                         ///< of all records
};

/// Looks into `found`, which must outlive it.
RequestTrace trace_of(const FoundRecords& found);

/// The 32 digits of a `traceparent`; empty if it is none.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace kiroku::replay
