// infra/kiroku/events_request.hpp: what `kiroku events` was asked for, checked before any server is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "infra/replay/event_filter.hpp"
#include "infra/replay/event_writer.hpp"
#include "infra/replay/moment.hpp"
#include "infra/runtime/settings.hpp"

namespace kiroku {

/// As typed.
struct EventsSettings {
    runtime::Broker broker;
    std::vector<std::string> contexts;
    std::vector<std::string> types;
    std::string subject, actor, organization, since, until, where, sample, format, columns;
    std::uint64_t limit = 0;  ///< 0: none
    bool follow = false, count = false, stats = false, json = false;
};

enum class EventsFormat { ndjson, csv, table };

struct EventsRequest {
    std::vector<std::string> contexts;
    replay::Period period;
    replay::EventFilter filter;
    std::size_t sample = 0;  ///< so many events of all; 0: all
    EventsFormat format = EventsFormat::ndjson;
    std::vector<replay::Column> columns;
};

/// Throws Failure(usage) for what makes no sense, by itself or together.
EventsRequest request_of(const EventsSettings& settings, std::span<const std::string_view> contexts, Instant now,
                         bool on_terminal);

}  // namespace kiroku
