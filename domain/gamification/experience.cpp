// domain/gamification/experience.cpp: level curve by integer root.
#include "domain/gamification/experience.hpp"

#include <cmath>
#include <cstdint>

namespace kiroku::gamification {
namespace {

constexpr std::int64_t xp_step = 50;

/// ⌊√n⌋. Both roundings of the floating-point root are too small to lose one, but they may reach the next integer.
std::int64_t integer_root(std::int64_t n) {
    const auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(n)));
    return root * root > n ? root - 1 : root;
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
