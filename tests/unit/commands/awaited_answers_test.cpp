// tests/unit/commands/awaited_answers_test.cpp: who asked is answered once, by whichever proof comes first.
#include "commands/client/awaited_answers.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace kiroku::commands {
namespace {

using namespace std::chrono_literals;
using Outcome = Answer::Outcome;

const log::Partition home{"challenges", 2};
const CommandId command{random_uuid_v7()};

struct World {
    AwaitedAnswers awaited;
    std::chrono::steady_clock::time_point begun{};
    std::vector<std::pair<std::uint64_t, Answer>> told;

    void ask(std::uint64_t number, bool reads_log = true, std::chrono::seconds patience = 10s) {
        const auto tell = [this, number](Answer answer) { told.emplace_back(number, std::move(answer)); };
        awaited.await(number, {command, home, reads_log, begun, begun + patience, tell});
    }

    void hear(Offset answers, const log::Partition& partition = home, CommandId of = command) {
        awaited.hear(partition, of, answers, [] { return log::Reply{.position = "heard"}; });
    }

    void reply(std::uint64_t number) { awaited.answer(number, {Outcome::decided, {.position = "replied"}}); }

    /// Who was told what, and that nobody else waits.
    void check_told(std::uint64_t number, std::string_view position) const {
        REQUIRE(told.size() == 1);
        CHECK(told.front().first == number);
        CHECK(told.front().second.outcome == Outcome::decided);
        CHECK(told.front().second.reply.position == position);
    }
};

TEST_SUITE("awaited answers") {
TEST_CASE("a decision read in the log answers, whether the record's place is known before or after") {
    World before;
    before.ask(1);
    before.awaited.lies_at(1, Offset{7});
    CHECK(before.told.empty());
    before.hear(Offset{7});
    before.check_told(1, "heard");

    World after;
    after.ask(1);
    after.hear(Offset{7});
    CHECK(after.told.empty());
    after.awaited.lies_at(1, Offset{7});
    after.check_told(1, "heard");
    CHECK(after.awaited.size() == 0);
}

TEST_CASE("a decision on another record of the same command is not its answer: a replay is on its way") {
    World world;
    world.ask(1);
    world.ask(2);
    world.awaited.lies_at(1, Offset{7});
    world.hear(Offset{7});
    world.check_told(1, "heard");
    world.awaited.lies_at(2, Offset{9});
    CHECK(world.told.size() == 1);
    world.reply(2);
    REQUIRE(world.told.size() == 2);
    CHECK(world.told.back().second.reply.position == "replied");
}

TEST_CASE("another partition's offsets, another command and whoever doesn't read the log are left alone") {
    World world;
    world.ask(1);
    world.ask(2, false);
    world.awaited.lies_at(1, Offset{7});
    world.awaited.lies_at(2, Offset{7});
    world.hear(Offset{7}, {"challenges", 3});
    world.hear(Offset{7}, {"gamification", 2});
    world.hear(Offset{7}, home, CommandId{random_uuid_v7()});
    CHECK(world.told.empty());
    world.hear(Offset{7});
    world.check_told(1, "heard");
    CHECK(world.awaited.size() == 1);
}

TEST_CASE("each is answered once") {
    World world;
    world.ask(1);
    world.reply(1);
    world.reply(1);
    world.awaited.lies_at(1, Offset{7});
    world.hear(Offset{7});
    world.awaited.give_up(world.begun + 60s);
    world.check_told(1, "replied");
}

TEST_CASE("who waits in vain is told when the time is up, and not before") {
    World world;
    world.ask(1, true, 5s);
    world.ask(2, true, 10s);
    world.awaited.give_up(world.begun + 5s - 1ms);
    CHECK(world.told.empty());
    world.awaited.give_up(world.begun + 5s);
    REQUIRE(world.told.size() == 1);
    CHECK(world.told.front().first == 1);
    CHECK(world.told.front().second.outcome == Outcome::no_answer);
    CHECK(world.awaited.size() == 1);
}

TEST_CASE("an answer that comes after its asker has given up is counted, whichever way it comes") {
    World world;
    world.ask(1, true, 5s);
    world.awaited.give_up(world.begun + 5s);
    world.hear(Offset{7});
    world.hear(Offset{7});
    CHECK(world.awaited.counts().gave_up == 1);
    CHECK(world.awaited.counts().late == 1);
    world.ask(2, false, 5s);
    world.awaited.give_up(world.begun + 5s);
    world.awaited.answer(2, {Outcome::decided, {.command = command}});
    CHECK(world.awaited.counts().late == 2);
}

TEST_CASE("an answer may ask again at once") {
    World world;
    world.awaited.await(1, {command, home, false, world.begun, world.begun, [&](const Answer&) { world.ask(2); }});
    world.reply(1);
    CHECK(world.awaited.size() == 1);
}
}

}  // namespace
}  // namespace kiroku::commands
