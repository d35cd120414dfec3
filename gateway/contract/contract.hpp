// gateway/contract/contract.hpp: what is promised to whoever builds on Kiroku: the documents, made once at start.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/reactor/policy.hpp"
#include "gateway/core/router.hpp"
#include "projections/engine/read_model.hpp"

namespace kiroku::gateway::contract {

/// What Kiroku is made of.
struct Parts {
    const Router& router;
    std::span<const std::string_view> contexts;
    std::span<const projections::ReadModel> read_models;
    std::span<const commands::Policy> policies;
};

/// A text that anybody may have, and the tag by which a copy of it is known.
struct Document {
    std::string text{};
    std::string etag{};
};

}  // namespace kiroku::gateway::contract

namespace kiroku::gateway {

struct Contract {
    contract::Document openapi{};
    contract::Document asyncapi{};
    contract::Document catalogue{};  ///< HTML

    Contract() = default;
    /// Throws std::logic_error where a route names a schema that there isn't.
    explicit Contract(const contract::Parts& parts);
};

}  // namespace kiroku::gateway
