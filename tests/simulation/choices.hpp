// tests/simulation/choices.hpp: all that happens by chance in a simulation, the same for a seed on every machine.
#pragma once

#include <cstdint>
#include <iterator>

namespace kiroku::sim {

class Choices {
public:
    explicit Choices(std::uint64_t seed) : state_(seed) {}

    /// Of 0 … count - 1. (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.)
    int below(int count) {
        state_ += 0x9E3779B97F4A7C15ULL;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
        mixed ^= mixed >> 31;
        return static_cast<int>(mixed % static_cast<std::uint64_t>(count));
    }
    int from(int first, int last) { return first + below(last - first + 1); }
    bool chance(int percent) { return below(100) < percent; }

    template <class Container>
    auto& one_of(Container& container) {
        return *std::next(container.begin(), below(static_cast<int>(container.size())));
    }

private:
    std::uint64_t state_;
};

}  // namespace kiroku::sim
