#include "infra/kiroku/moment_option.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/runtime/exit.hpp"

namespace kiroku {

using runtime::Exit;
using runtime::Failure;

std::optional<replay::Moment> moment_option(const std::string& name, const std::string& text, Instant now,
                                            std::span<const std::string_view> contexts) {
    if (text.empty()) return std::nullopt;
    auto moment = replay::parse_moment(text, now);
    if (!moment) throw Failure(Exit::usage, fmt::format("--{} {}: {}.", name, text, moment.error()), "");
    if (const auto* position = std::get_if<log::Position>(&*moment)) {
        for (const auto& [where, offset] : position->offsets())
            if (std::ranges::find(contexts, where.first) == contexts.end())
                throw Failure(Exit::usage, fmt::format("--{} {}: there is no context {}.", name, text, where.first),
                              fmt::format("The contexts are {}.", fmt::join(contexts, ", ")));
    }
    return *std::move(moment);
}

}  // namespace kiroku
