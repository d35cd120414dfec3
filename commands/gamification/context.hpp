// commands/gamification/context.hpp: what gamification decides, by which rules, and what it answers others' events
// with.
#pragma once

#include <filesystem>
#include <vector>

#include "commands/decider/aggregate.hpp"
#include "commands/reactor/policy.hpp"
#include "schemas/gamification/types.hpp"

namespace kiroku::commands {

/// The rules in `file`, or those that Kiroku comes with if it is empty. The error says what is wrong with the file.
std::expected<gamification::RuleBook, std::string> read_rule_book(const std::filesystem::path& file);

Context gamification_context(gamification::RuleBook rules);
std::vector<Policy> gamification_policies();

}  // namespace kiroku::commands
