// domain/core/decider.hpp: the shape that every aggregate has, so that one runtime can run them all.
//
// An aggregate `X` with events `XEvent` (a variant) and commands `XCommand` (a variant) offers, beside its state,
//   Decision<XEvent, Refusal> decide(const X& state, const C& command, const Context& context);   one for each C
//   X evolve(X state, const XEvent& event);
// Both are pure: the same arguments give the same result, on any machine, at any time. `evolve` never fails.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "schemas/core/time.hpp"
#include "schemas/core/types.hpp"
#include "schemas/core/uuid.hpp"

namespace kiroku {

/// What a command leads to: the events to record (none: it had already happened), or why it is refused.
template <class Event, class Refusal>
using Decision = std::expected<std::vector<Event>, Refusal>;

/// All that a decision may know besides the aggregate's state and the command.
struct DecisionContext {
    Instant now;                   ///< when the log took the command in, not when it is decided
    CommandId command;             ///< the caller's intent: the same when it is told again
    Uuid aggregate{};              ///< whose decision it is
    std::optional<UserId> user{};  ///< who asks, if it is a user: only what is theirs is there for them

    /// Whether a user asks for what is another one's: to them it is as if there were nothing.
    [[nodiscard]] bool is_foreign(const std::optional<UserId>& owner) const { return user && user != owner; }

    /// An id that deciding the same command again gives again. `name` tells apart the ids of one decision.
    Uuid new_id(std::string_view name) const { return uuid_v5(command.value, name); }
};

/// Joins lambdas into one visitor. Without a catch-all arm, a new event breaks the build wherever it matters.
template <class... Arms>
struct overload : Arms... {
    using Arms::operator()...;
};

/// The state that a history leads to.
template <class State, class Events>
State fold(State state, const Events& history) {
    for (const auto& event : history) state = evolve(std::move(state), event);
    return state;
}

}  // namespace kiroku
