// domain/gamification/runs.hpp: what follows upon what without a gap, in whatever order it becomes known.
#pragma once

#include <cstdint>
#include <vector>

#include "schemas/core/time.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gamification {

/// Numbered days (or weeks) on which something was done, kept as the unbroken runs that they form: as long as the gaps
/// are many, not as the days. Adding a day between two runs joins them.
class ActiveDays {
public:
    void add(std::int32_t number);

    /// The length of the run that ends at the latest number; 0 if there is none.
    StreakCount latest() const;
    StreakCount longest() const;

    bool operator==(const ActiveDays&) const = default;

private:
    /// Neighbours first..last, all active.
    struct Run {
        std::int32_t first;
        std::int32_t last;

        StreakCount length() const { return StreakCount{last - first + 1}; }
        bool operator==(const Run&) const = default;
    };

    std::vector<Run> runs_;  ///< ascending, never touching each other
};

/// Sessions in the order in which they ended, not that in which we heard of them. One given up ends a run of completed
/// ones; what was completed in the same millisecond still belongs to the run that it ended.
class SessionEndings {
public:
    void add_completed(Instant at);
    void add_abandoned(Instant at);

    /// How many were completed since the last that was given up.
    StreakCount latest() const;
    /// How many were completed between the two given up around `at`.
    StreakCount around(Instant at) const;

    bool operator==(const SessionEndings&) const = default;

private:
    std::vector<Instant> completed_;
    std::vector<Instant> abandoned_;
};

}  // namespace kiroku::gamification
