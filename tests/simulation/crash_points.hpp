// tests/simulation/crash_points.hpp: the places where a process may end between two of its acts.
#pragma once

#include <array>
#include <string_view>

#include "tests/simulation/choices.hpp"

namespace kiroku::sim {

/// Thrown through the process that ends; nobody in it may handle it, so it is no exception of the standard's.
struct Crash {
    std::string_view point;
};

class CrashPoints {
public:
    static constexpr std::array<std::string_view, 6> names{"before it appends", "after it appended",
                                                           "before it answers", "after it answered",
                                                           "before it writes",  "after it wrote"};

    /// The next step ends at one of the points, the first or a later time that it comes there; or not at all, if it
    /// doesn't come there so often.
    void arm(Choices& choices) {
        armed_ = choices.one_of(names);
        passes_ = choices.below(3);
    }
    void disarm() { armed_ = {}; }

    void pass(std::string_view point) {
        if (point == armed_ && passes_-- == 0) throw Crash{point};
    }

private:
    std::string_view armed_;
    int passes_ = 0;
};

}  // namespace kiroku::sim
