// domain/gamification/experience.cpp: level curve by integer root.
#include "domain/gamification/experience.hpp"

#include <cmath>
#include <cstdint>

namespace kiroku::gamification {
namespace {

constexpr std::int64_t xp_step = 50;

/// ⌊√n⌋; the floating-point root is a first guess only, and off by one at most.
std::int64_t integer_root(std::int64_t n) {
    auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
    while (root * root > n) --root;
    while ((root + 1) * (root + 1) <= n) ++root;
    return root;
}

}  // namespace

Xp threshold_of(Level level) {
    const std::int64_t number = level.value;
    return Xp{xp_step * number * (number - 1)};
}

Level level_of(Xp total) {
    return Level{static_cast<std::int32_t>((1 + integer_root(1 + 4 * (total.value / xp_step))) / 2)};
}

}  // namespace kiroku::gamification
