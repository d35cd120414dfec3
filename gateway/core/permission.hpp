// gateway/core/permission.hpp: what a route asks of its caller: the same permissions that deciders ask for.
#pragma once

#include "domain/core/permission.hpp"

namespace kiroku::gateway {

using kiroku::allows;
using kiroku::learner_role;
using kiroku::Permission;

}  // namespace kiroku::gateway
