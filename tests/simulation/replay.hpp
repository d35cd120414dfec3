// tests/simulation/replay.hpp: a whole command partition decided again, from nothing and undisturbed.
#pragma once

#include "tests/simulation/oracle.hpp"

namespace kiroku::sim {

struct Replayed {
    struct Decision {
        std::int64_t command_offset;
        std::vector<std::pair<EventId, std::string>> events;
    };
    std::vector<Decision> decisions;
    std::map<std::int64_t, std::string> refusals;  ///< code by command offset
};

/// `expired`: by offset, those that were refused for their age, which only the fences can tell.
Replayed replay(const commands::Context& context, const Topic& commands, int partition,
                const std::set<std::int64_t>& expired);

}  // namespace kiroku::sim
