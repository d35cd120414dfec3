// tests/unit/realtime/awaited_decisions_test.cpp: a request hears of the decision that its command caused, or of none
// in time.
#include "gateway/realtime/awaited_decisions.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

using namespace std::chrono_literals;
using Seen = std::shared_ptr<const SeenDecision>;

const UserId mika = named<UserId>("mika");

struct World {
    World() : hub(partitions_of(2), from_the_start(partitions_of(2)), Positions{a_key()}, {}) { awaited.look_in(hub); }

    Task<void> ask(CommandId command, std::chrono::milliseconds within) {
        heard.push_back(co_await awaited.await(command, within));
    }

    void happen(std::shared_ptr<const PastDecision> decision) {
        hub.take(decision);
        awaited.tell(*decision, hub.partitions());
    }

    void wait_for(std::string_view command, std::chrono::milliseconds within) {
        net::co_spawn(io.get_executor(), ask(named<CommandId>(command), within), net::detached);
        io.poll();
    }

    net::io_context io;
    Hub hub;
    AwaitedDecisions awaited{io.get_executor()};
    std::vector<Seen> heard;
};

TEST_SUITE("realtime: awaited decisions") {
TEST_CASE("are found if they are past") {
    World world;
    const auto slot = world.hub.partitions().slot({"gamification", 1});
    world.happen(decision(slot, {event("a", mika, 7), event("b", mika, 8)}, "command"));
    world.wait_for("command", 0ms);
    REQUIRE(world.heard.size() == 1);
    const auto& seen = *world.heard.front();
    CHECK(seen.position.text() == "gamification/1@8");
    REQUIRE(seen.events.size() == 2);
    CHECK(seen.events[0].type == "a");
    CHECK(seen.events[1].data == "{}");
    CHECK(seen.events[1].id == named<EventId>("b"));
}

TEST_CASE("are told to all who wait as soon as they come") {
    World world;
    world.wait_for("command", 10s);
    world.wait_for("command", 10s);
    world.wait_for("another", 10s);
    CHECK(world.awaited.waiting() == 3);
    world.happen(decision(0, {event("a", mika, 0)}, "command"));
    world.io.poll();
    CHECK(world.heard.size() == 2);
    CHECK(world.awaited.waiting() == 1);
}

TEST_CASE("are not waited for longer than asked") {
    World world;
    world.wait_for("command", 20ms);
    world.io.run();
    REQUIRE(world.heard.size() == 1);
    CHECK(world.heard.front() == nullptr);
    CHECK(world.awaited.waiting() == 0);
}

TEST_CASE("may be asked for by requests that outlive everything") {
    auto io = std::make_unique<net::io_context>();
    {
        AwaitedDecisions awaited{io->get_executor()};
        const auto ask = [](AwaitedDecisions& from) -> Task<void> { co_await from.await(named<CommandId>("x"), 10s); };
        net::co_spawn(io->get_executor(), ask(awaited), net::detached);
        io->poll();
        CHECK(awaited.waiting() == 1);
    }
    io.reset();
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
