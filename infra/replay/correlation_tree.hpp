// infra/replay/correlation_tree.hpp: what led to what: request -> command -> events -> commands -> events …
#pragma once

#include <string>
#include <vector>

#include "infra/replay/kept_event.hpp"

namespace kiroku::replay {

struct CausedEvent;

/// A command as far as the log knows it: by what it led to.
struct CausingCommand {
    CommandId id;
    std::vector<CausedEvent> events;  ///< one decision's, never empty

    [[nodiscard]] const log::Envelope& first() const;
};

struct CausedEvent {
    const KeptEvent* event;
    std::vector<CausingCommand> commands;  ///< that policies answered it with
};

/// All that one request led to.
struct Correlation {
    std::string id;                        ///< of the request; may be empty
    std::vector<CausingCommand> commands;  ///< that no event here led to
};

/// From events in any order; each must outlive the tree. Earlier ones come first everywhere. A command whose cause
/// isn't among the events stands beside the request's own.
std::vector<Correlation> correlations_of(const std::vector<KeptEvent>& events);

}  // namespace kiroku::replay
