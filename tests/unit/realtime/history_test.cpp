// tests/unit/realtime/history_test.cpp: what is remembered, for how long, and that it is known from where on.
#include "gateway/realtime/history.hpp"

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

const UserId mika = named<UserId>("mika");
const UserId yuki = named<UserId>("yuki");
const Channel mikas{Channel::Kind::me, mika};

std::vector<std::string> names(const History& history, const Channel& channel) {
    std::vector<std::string> found;
    for (auto arrival = history.first_of(channel); arrival; arrival = history.at(*arrival)->next) {
        found.push_back(name_in(std::string{text_in(channel, *history.at(*arrival)->event)}));
    }
    return found;
}

TEST_SUITE("realtime: history") {
TEST_CASE("links each channel's events in the order of their arrival") {
    History history{{Offset{0}, Offset{0}}, {}};
    history.add(decision(0, {event("a", mika, 5), event("b", yuki, 6), event("c", mika, 7, true)}));
    history.add(decision(1, {event("d", mika, 1)}));
    CHECK(names(history, mikas) == std::vector<std::string>{"a", "c", "d"});
    CHECK(names(history, leaderboard_channel) == std::vector<std::string>{"c"});
    CHECK(names(history, {Channel::Kind::me, named<UserId>("nobody")}).empty());
}

TEST_CASE("forgets the oldest decisions, and knows from where on it is complete") {
    History history{{Offset{3}, Offset{0}}, {.decisions = 2, .bytes = 1 << 20}};
    history.add(decision(0, {event("a", mika, 5), event("b", mika, 6, true)}, "first"));
    history.add(decision(1, {event("c", mika, 1)}));
    CHECK(history.complete_from(0) == Offset{3});
    history.add(decision(0, {event("d", mika, 8)}));
    CHECK(names(history, mikas) == std::vector<std::string>{"c", "d"});
    CHECK_FALSE(history.first_of(leaderboard_channel));
    CHECK(history.complete_from(0) == Offset{7});
    CHECK(history.complete_from(1) == Offset{0});
    CHECK(history.answer_to(named<CommandId>("first")) == nullptr);
    CHECK(history.forgotten() == 1);
    CHECK(history.added() == 3);
    CHECK(history.at(0) == nullptr);
}

TEST_CASE("is bounded in bytes, too, but keeps the latest whatever its size") {
    History history{{Offset{0}}, {.decisions = 100, .bytes = 4000}};
    for (int i = 0; i < 100; ++i) history.add(decision(0, {event("e" + std::to_string(i), mika, i)}));
    CHECK(history.bytes() <= 4000);
    CHECK(history.added() - history.forgotten() > 2);
    history.add(decision(0, {event(std::string(10'000, 'x'), mika, 100)}));
    CHECK(names(history, mikas) == std::vector<std::string>{std::string(10'000, 'x')});
    history.add(decision(0, {event("small", mika, 101)}));
    CHECK(names(history, mikas) == std::vector<std::string>{"small"});
}

TEST_CASE("finds decisions by the command that they answer") {
    History history{{Offset{0}}, {}};
    const auto first = decision(0, {event("a", mika, 0)}, "do this");
    history.add(first);
    CHECK(history.answer_to(named<CommandId>("do this")) == first);
    CHECK(history.answer_to(named<CommandId>("do that")) == nullptr);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
