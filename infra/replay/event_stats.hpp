// infra/replay/event_stats.hpp: how many events of each type, how large, and when.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "infra/replay/event.hpp"

namespace kiroku::replay {

struct TypeStats {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;  ///< of whole CloudEvents, as they lie in the log
    Instant first = Instant::max(), last = Instant::min();

    void add(const TypeStats& other);
};

/// Rates are all over the same time, from the first to the last event of all, so that they compare and add up.
class EventStats {
public:
    void take(const Event& event);
    void add(const EventStats& other);

    [[nodiscard]] std::string as_text() const;  ///< a table
    [[nodiscard]] std::string as_json() const;  ///< one object

private:
    [[nodiscard]] TypeStats all() const;

    std::map<std::string, TypeStats, std::less<>> types_;
};

}  // namespace kiroku::replay
