// commands/decider/aggregate.hpp: what the decider needs to know of an aggregate, whichever it is.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/core/authority.hpp"
#include "domain/core/decider.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::commands {

/// An aggregate's state in memory; only its own AggregateType knows more.
class AggregateState {
public:
    virtual ~AggregateState() = default;
};

struct DecidedEvent {
    std::string_view type;
    std::string data;
};

/// A "no": a code of the context's refusals.json or of the core's.
struct Refused {
    std::string code;
    std::string detail;
};

using Decided = std::expected<std::vector<DecidedEvent>, Refused>;

/// History holds an event that today's code can't read; nothing may be decided on such a state.
struct UndigestedEvent : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class AggregateType {
public:
    virtual ~AggregateType() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::unique_ptr<AggregateState> initial() const = 0;

    /// Throws UndigestedEvent.
    virtual void evolve(AggregateState& state, std::string_view type, std::string_view data) const = 0;

    /// If it is accepted, `state` has evolved by the events. `is_stale`: the command is about another version of the
    /// aggregate than this one; what would be accepted is refused then, as precondition_failed.
    virtual Decided decide(AggregateState& state, std::string_view type, std::string_view data, const DecisionContext&,
                           bool is_stale) const = 0;

    /// A JSON object for people who look into it. What it holds may change with the program: nothing is kept like this.
    [[nodiscard]] virtual std::string show(const AggregateState& state) const = 0;
};

/// A bounded context as the decider runs it.
struct Context {
    std::string name;
    std::vector<std::unique_ptr<AggregateType>> aggregates;
    bool (*authorizes)(const Principal&, std::string_view type) = nullptr;  ///< null: everybody may send everything
};

namespace detail {  // a member named `decide` hides the domain's functions from lookup by argument

template <class State, class Event>
State domain_evolve(State state, const Event& event) {
    return evolve(std::move(state), event);
}

template <class State, class Command, class Known>
auto domain_decide(const State& state, const Command& command, const Known& context) {
    return decide(state, command, context);
}

}  // namespace detail

/// Joins an aggregate of the domain (`decide` for each command, `evolve`, `write_state`, found by argument) to the
/// runtime. `make_context` turns the DecisionContext into what the aggregate's `decide` wants to know. Whoever
/// instantiates this includes the context's `codec.hpp` first.
template <class State, class Event, class Command, class MakeContext>
class Aggregate final : public AggregateType {
public:
    Aggregate(std::string_view name, MakeContext make_context) : name_(name), make_context_(std::move(make_context)) {}

    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::unique_ptr<AggregateState> initial() const override { return std::make_unique<Held>(); }

    void evolve(AggregateState& state, std::string_view type, std::string_view data) const override {
        auto event = json::decode_variant<Event>(type, data);
        if (!event) throw UndigestedEvent(std::string{type} + ": " + event.error().path + " " + event.error().problem);
        auto& held = static_cast<Held&>(state).state;
        held = detail::domain_evolve(std::move(held), *event);
    }

    Decided decide(AggregateState& state, std::string_view type, std::string_view data, const DecisionContext& core,
                   bool is_stale) const override {
        const auto command = json::decode_variant<Command>(type, data);
        if (!command) {
            return std::unexpected(Refused{"command_malformed", command.error().path + " " + command.error().problem});
        }
        auto& held = static_cast<Held&>(state).state;
        const auto context = make_context_(core);
        const auto decision =
            std::visit([&](const auto& one) { return detail::domain_decide(held, one, context); }, *command);
        if (!decision) return std::unexpected(Refused{std::string{to_string(decision.error())}, {}});
        if (is_stale) return std::unexpected(Refused{"precondition_failed", {}});
        std::vector<DecidedEvent> events;
        for (const auto& event : *decision) {
            events.push_back({json::type_of(event), json::encode(event)});
            held = detail::domain_evolve(std::move(held), event);
        }
        return events;
    }

    [[nodiscard]] std::string show(const AggregateState& state) const override {
        std::string out;
        write_state(out, static_cast<const Held&>(state).state);
        return out;
    }

private:
    struct Held : AggregateState {
        State state{};
    };

    std::string_view name_;
    MakeContext make_context_;
};

/// For an aggregate whose `decide` wants to know no more than every command's context tells.
inline constexpr auto only_core = [](const DecisionContext& context) { return context; };

template <class State, class Event, class Command, class MakeContext = decltype(only_core)>
std::unique_ptr<AggregateType> aggregate(std::string_view name, MakeContext make_context = only_core) {
    return std::make_unique<Aggregate<State, Event, Command, MakeContext>>(name, std::move(make_context));
}

}  // namespace kiroku::commands
