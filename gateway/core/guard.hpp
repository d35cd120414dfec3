// gateway/core/guard.hpp: refuses headers that two readers could understand differently, before a body is read.
#pragma once

#include <optional>

#include "gateway/core/problem.hpp"
#include "gateway/core/request.hpp"

namespace kiroku::gateway {

/// What is wrong with a request line and header; null: nothing. The connection ends behind such an answer.
std::optional<Problem> refuse(const Head& head);

}  // namespace kiroku::gateway
