// infra/replay/event.hpp: a valid event as whoever replays the log sees it.
#pragma once

#include <string_view>

#include "infra/log/envelope.hpp"
#include "infra/log/partition.hpp"

namespace kiroku::replay {

/// Views live for the call that it is given to.
struct Event {
    const log::Partition& partition;
    Offset offset;
    const log::Envelope& envelope;
    std::string_view text;  ///< the whole CloudEvent
};

}  // namespace kiroku::replay
