// commands/contexts.hpp: all bounded contexts, for those who run them.
#pragma once

#include <array>
#include <string_view>

#include "commands/challenges/context.hpp"
#include "commands/gamification/context.hpp"
#include "commands/identity/context.hpp"

namespace kiroku::commands {

inline constexpr std::array<std::string_view, 3> context_names{"identity", "challenges", "gamification"};

inline std::vector<Context> all_contexts(gamification::RuleBook rules) {
    std::vector<Context> contexts;
    contexts.push_back(identity_context());
    contexts.push_back(challenges_context());
    contexts.push_back(gamification_context(std::move(rules)));
    return contexts;
}

inline std::vector<Policy> all_policies() {
    auto policies = identity_policies();
    for (auto& policy : gamification_policies()) policies.push_back(std::move(policy));
    return policies;
}

}  // namespace kiroku::commands
