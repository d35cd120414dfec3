// infra/kiroku/moment_option.hpp: an option that takes a time or a position.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "infra/replay/moment.hpp"

namespace kiroku {

/// Nothing for an empty text. Throws Failure(usage) for what is no moment, or a position in a context that there isn't.
std::optional<replay::Moment> moment_option(const std::string& name, const std::string& text, Instant now,
                                            std::span<const std::string_view> contexts);

}  // namespace kiroku
