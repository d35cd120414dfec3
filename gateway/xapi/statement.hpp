// gateway/xapi/statement.hpp: learning events as xAPI 1.0.3 statements, for learning record stores.
//
//     challenges.session_started      initialized the challenge
//     challenges.session_completed    completed it: score, duration; there is no mark to pass, so nothing of success
//     challenges.session_abandoned    abandoned it
//     gamification.achievement_unlocked, gamification.level_reached     earned it
//
// A statement has its event's id: a store that is sent it again knows it. Its actor is an account, by the user's id and
// nothing else. `timestamp` is when it happened for the learner, as far as the event tells, else when it was recorded.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "infra/log/envelope.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::xapi {

/// The types of the events that become statements.
std::span<const std::string_view> learning_events();

/// Whether accounts, activities and extensions can be named under it: "https://academy.example", with a path or not.
bool is_home_page(std::string_view text);

/// JSON in one line, without a line feed. `event` is a learning event, `position` where it lies ("challenges/3@17"); a
/// slash at the end of `home_page` makes no difference. The error says what about the event's data makes no sense.
std::expected<std::string, json::Violation> statement_of(const log::Envelope& event, std::string_view position,
                                                         std::string_view home_page);

}  // namespace kiroku::xapi
