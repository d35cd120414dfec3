// projections/engine/event.hpp: what a fold gets to see of an event besides its own fields.
#pragma once

#include <string_view>

#include "infra/log/envelope.hpp"

namespace kiroku::projections {

/// An event of the log, with its attributes. Views live as long as the chunk it came in.
struct Event {
    std::string_view type;  ///< "<context>.<event>.v<N>"
    EventId id;
    Uuid aggregate;  ///< the id in its subject
    Instant time;    ///< when it was recorded
    log::Version version;
    Offset offset;
    std::string_view data;  ///< its own fields, JSON
};

/// What `fold`, `keys` and `row_of` are told besides the event.
using Meta = Event;

}  // namespace kiroku::projections
