// tests/support/given.hpp: given(events).when(command).then(events), the one vocabulary of every level.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/core/decider.hpp"
#include "schemas/core/json.hpp"

namespace kiroku::test {

/// An id to tell one thing from another by a name that people can read.
template <class Id>
Id named(std::string_view name) {
    return Id{uuid_v5(Uuid{}, name)};
}

/// Throws if it is none.
inline Instant at(std::string_view rfc3339) { return parse_instant(rfc3339).value(); }
inline LocalDate date(std::string_view iso8601) { return parse_date(iso8601).value(); }

/// A command that the log takes in at `now`.
inline DecisionContext told(Instant now) { return {.now = now, .command = named<CommandId>("told")}; }
inline DecisionContext told(std::string_view now) { return told(at(now)); }

template <class State, class Event>
class Given;

/// One event a line, so that a failure shows what happened instead.
template <class Event>
std::string story(const std::vector<Event>& events) {
    std::string text;
    for (const auto& event : events) {
        text += "\n  ";
        text += json::type_of(event);
        text += ' ';
        text += json::encode(event);
    }
    return text.empty() ? "\n  nothing" : text;
}

/// What came of one command, told with the same context again if asked.
template <class State, class Event, class Result, class Again>
class Outcome {
public:
    Outcome(std::vector<Event> history, Result result, Again again)
        : history_(std::move(history)), result_(std::move(result)), again_(std::move(again)) {}

    /// Exactly these events, in this order; and whoever decides it again adds nothing. Goes on from there.
    template <class... Expected>
    Given<State, Event> then(Expected... expected) const {
        return then_all(std::vector<Event>{Event{std::move(expected)}...});
    }

    Given<State, Event> then_all(const std::vector<Event>& expected) const {
        REQUIRE_MESSAGE(result_.has_value(), "refused");
        INFO("expected:", story(expected), "\nhappened:", story(*result_));
        CHECK(*result_ == expected);
        return settled();
    }

    Given<State, Event> then_nothing() const { return then_all({}); }

    /// Refused for this reason, however often it is asked.
    template <class Refusal>
    Given<State, Event> then_refused(Refusal reason) const {
        if (result_.has_value()) FAIL("not refused, but: " << story(*result_));
        INFO("refused as ", to_string(result_.error()));
        CHECK(result_.error() == reason);
        return Given<State, Event>{history_};
    }

    /// The events, for tests that look at some of them only.
    std::vector<Event> events() const {
        REQUIRE_MESSAGE(result_.has_value(), "refused");
        settled();
        return *result_;
    }

private:
    /// Whatever is decided twice happens once.
    Given<State, Event> settled() const {
        auto history = history_;
        history.insert(history.end(), result_->begin(), result_->end());
        const auto repeated = again_(fold(State{}, history));
        if (repeated.has_value() && !repeated->empty())
            FAIL_CHECK("decided again, it happens again:" << story(*repeated));
        return Given<State, Event>{std::move(history)};
    }

    std::vector<Event> history_;
    Result result_;
    Again again_;
};

/// A history, and what is asked of the aggregate that has it.
template <class State, class Event>
class Given {
public:
    explicit Given(std::vector<Event> history) : history_(std::move(history)) {}

    template <class Command, class Context>
    auto when(Command command, Context context) const {
        auto again = [command = std::move(command), context](const State& state) {
            return decide(state, command, context);
        };
        auto result = again(state());
        return Outcome<State, Event, decltype(result), decltype(again)>{history_, std::move(result), std::move(again)};
    }

    State state() const { return fold(State{}, history_); }

private:
    std::vector<Event> history_;
};

template <class State, class Event>
Given<State, Event> given(std::vector<Event> history) {
    return Given<State, Event>{std::move(history)};
}

}  // namespace kiroku::test
