// tests/unit/replay/event_filter_test.cpp: which events are meant, and which of them a sample takes.
#include "infra/replay/event_filter.hpp"

#include <doctest/doctest.h>

#include "infra/replay/sample.hpp"
#include "tests/unit/replay/replayed_event.hpp"

using namespace kiroku;
using replay::EventFilter;
using replay::Fields;
using test::at;
using test::ReplayedEvent;

namespace {

bool matches(const EventFilter& filter, ReplayedEvent replayed = {}) {
    Fields fields;
    return filter.matches(replayed.event(), fields);
}

EventFilter filter(std::vector<std::string> types) { return {.types = std::move(types)}; }

}  // namespace

TEST_SUITE("event filter") {
TEST_CASE("an empty one lets everything through") { CHECK(matches({})); }

TEST_CASE("types, with and without context and version") {
    for (const auto* name : {"gamification.xp_awarded.v1", "gamification.xp_awarded", "xp_awarded.v1", "xp_awarded"})
        CHECK(matches(filter({"level_reached", name})));
    for (const auto* name : {"xp_awarded.v2", "gamification", "v1", "xp", "awarded", "challenges.xp_awarded"})
        CHECK(!matches(filter({name})));
}

TEST_CASE("an aggregate or all of a kind, and who caused it") {
    const auto mika = "learner/" + to_string(test::named<UserId>("mika"));
    CHECK(matches({.subject = mika}));
    CHECK(matches({.subject = "learner"}));
    CHECK(!matches({.subject = "learn"}));
    CHECK(!matches({.subject = mika + "0"}));
    CHECK(matches({.actor = "policy/gamification.record_activity"}));
    CHECK(matches({.actor = "policy"}));
    CHECK(!matches({.actor = "user"}));
    CHECK(EventFilter{.subject = mika}.aggregate() == test::named<UserId>("mika").value);
    CHECK(!EventFilter{.subject = "learner"}.aggregate());
    CHECK(!EventFilter{.subject = "learner/mika"}.aggregate());
}

TEST_CASE("an organization's own") {
    CHECK(matches({.organization = "acme"}, {.organization = "acme"}));
    CHECK(!matches({.organization = "acme"}, {.organization = "acme2"}));
    CHECK(!matches({.organization = "acme"}));
}

TEST_CASE("since includes its moment, until doesn't") {
    const auto noon = at("2026-03-06T12:00:00Z"), later = at("2026-03-06T12:00:00.001Z");
    CHECK(matches({.since = noon}));
    CHECK(!matches({.since = later}));
    CHECK(!matches({.until = noon}));
    CHECK(matches({.until = later}));
}

TEST_CASE("an expression, with everything else") {
    const auto where = *replay::Where::parse("data.amount > 30");
    CHECK(matches({.where = where}));
    CHECK(!matches({.where = where}, {.data = R"({"amount":3})"}));
    CHECK(!matches({.types = {"level_reached"}, .where = where}));
}
}

TEST_SUITE("a sample") {
TEST_CASE("by share takes about that many, the same each time, and more of them if it is larger") {
    int some = 0, more = 0;
    for (int number = 0; number < 10'000; ++number) {
        const ReplayedEvent event{.id = std::to_string(number)};
        const bool in_some = matches({.share = 0.1}, event);
        some += in_some ? 1 : 0;
        more += matches({.share = 0.3}, event) ? 1 : 0;
        CHECK(in_some == matches({.share = 0.1}, event));
        if (in_some) CHECK(matches({.share = 0.3}, event));
    }
    CHECK(some > 850);
    CHECK(some < 1'150);
    CHECK(more > 2'700);
    CHECK(more < 3'300);
    CHECK(matches({.share = 1}));
}

TEST_CASE("its choice hangs on the id alone, and stays as it is") {
    CHECK(replay::chance_of(test::named<EventId>("a")) != replay::chance_of(test::named<EventId>("b")));
    CHECK(replay::chance_of(EventId{}) == 7'452'802'248'675'212'489ULL);
}

TEST_CASE("of so many takes exactly those, however they were shared out, by time") {
    replay::Sample whole{10}, left{10}, right{10};
    for (int number = 0; number < 1'000; ++number) {
        ReplayedEvent replayed{.id = std::to_string(number),
                               .time = at("2026-03-06T12:00:00Z") + std::chrono::seconds{number * 7919 % 1'000}};
        const auto event = replayed.event();
        whole.take(event);
        (number % 3 == 0 ? left : right).take(event);
    }
    left.add(std::move(right));
    const auto chosen = std::move(left).in_order(), expected = std::move(whole).in_order();
    REQUIRE(chosen.size() == 10);
    CHECK(std::ranges::is_sorted(chosen, {}, &replay::Sample::Chosen::time));
    CHECK(std::ranges::equal(chosen, expected, {}, &replay::Sample::Chosen::text, &replay::Sample::Chosen::text));
}

TEST_CASE("of more than there are takes all") {
    replay::Sample sample{10};
    ReplayedEvent one{.id = "1"}, two{.id = "2"};
    sample.take(one.event());
    sample.take(two.event());
    CHECK(std::move(sample).in_order().size() == 2);
}
}
