// tests/integration/replay/levels.hpp: decisions that tell nothing but levels, for logs whose order is what matters.
#pragma once

#include <initializer_list>
#include <string>

#include "schemas/gamification/codec.hpp"
#include "tests/support/happened.hpp"
#include "tests/support/written_log.hpp"

namespace kiroku::test {

/// A decision of a learner's so many seconds after noon: an event for each level.
inline Told levels_told(const std::string& learner, int seconds, std::initializer_list<int> levels) {
    Told decision;
    for (const int level : levels) {
        decision.push_back(on(named<UserId>(learner), at("2026-03-06T12:00:00Z") + std::chrono::seconds{seconds},
                              gamification::LevelReached{.level = Level{level}}));
    }
    return decision;
}

/// A learner whose events lie in this partition.
inline std::string learner_in(const WrittenLog& log, int partition) {
    for (int number = 0;; ++number) {
        auto name = "learner " + std::to_string(number);
        if (log.partition_of(named<UserId>(name).value).number == partition) return name;
    }
}

}  // namespace kiroku::test
