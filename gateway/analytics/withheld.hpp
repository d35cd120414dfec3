// gateway/analytics/withheld.hpp: what analysts are not shown of the log.
#pragma once

#include "infra/replay/withheld.hpp"

namespace kiroku::gateway {

/// The same as what read models declare `.personal()` or `.secret()`: who somebody is, what they wrote, how they fared
/// in body, and what serves to log in. Identity is closed: an event of a type that isn't named here isn't shown.
replay::Withheld withheld_from_analysts();

}  // namespace kiroku::gateway
