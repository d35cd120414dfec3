// tests/unit/realtime/hub_test.cpp: who is told what, from which position on, and when that can't be promised.
#include "gateway/realtime/hub.hpp"

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

const UserId mika = named<UserId>("mika");
const UserId yuki = named<UserId>("yuki");
const Channel mikas{Channel::Kind::me, mika};
const Channel yukis{Channel::Kind::me, yuki};

struct World {
    explicit World(History::Bounds bounds = {}, int partitions = 2)
        : hub(partitions_of(partitions), from_the_start(partitions_of(partitions)), Positions{a_key()}, bounds) {}

    [[nodiscard]] Slot slot(std::string context, int number) const {
        return hub.partitions().slot({std::move(context), number});
    }
    [[nodiscard]] Slot ledger(UserId user) const { return hub.partitions().of("gamification", user.value); }

    Hub hub;
};

struct Client {
    explicit Client(Outbox::Bounds bounds = {}) : outbox(bounds, [] {}) {}

    ws::Subscribed subscribe(World& world, const Channel& channel, std::optional<std::string> since = std::nullopt) {
        subscription = world.hub.subscribe(channel, outbox, since);
        const auto subscribed = read_as<ws::Subscribed>(*outbox.take());
        position = subscribed.position;
        return subscribed;
    }

    std::vector<std::string> read() {
        std::vector<std::string> names;
        for (const auto& text : read_all(outbox)) {
            const auto message = read_as<ws::Event>(text);
            position = message.position;
            names.push_back(name_in(message.event.text));
        }
        return names;
    }

    Outbox outbox;
    std::unique_ptr<Subscription> subscription;
    std::string position;
};

using Names = std::vector<std::string>;

TEST_SUITE("realtime: hub") {
TEST_CASE("tells each what is theirs, and everybody what is public") {
    World world;
    Client mika_client, yuki_client, board;
    CHECK_FALSE(mika_client.subscribe(world, mikas).recovered);
    yuki_client.subscribe(world, yukis);
    board.subscribe(world, leaderboard_channel);
    world.hub.take(decision(world.slot("challenges", 0), {event("done", mika, 0)}));
    world.hub.take(decision(world.ledger(mika), {event("xp", mika, 0, true), event("level", mika, 1)}));
    world.hub.take(decision(world.ledger(yuki), {event("hers", yuki, 9, true)}));
    CHECK(mika_client.read() == Names{"done", "xp", "level"});
    CHECK(yuki_client.read() == Names{"hers"});
    CHECK(board.read() == Names{"xp", "hers"});
}

TEST_CASE("gives a position before anything happened, and from there everything") {
    World world;
    Client before;
    const auto position = before.subscribe(world, mikas).position;
    before.subscription.reset();
    world.hub.take(decision(world.slot("challenges", 1), {event("first", mika, 0)}));
    Client again;
    CHECK(again.subscribe(world, mikas, position).recovered);
    CHECK(again.read() == Names{"first"});
}

TEST_CASE("goes on in the middle of a decision") {
    World world;
    Client client;
    client.subscribe(world, mikas);
    world.hub.take(decision(world.ledger(mika), {event("1", mika, 0), event("2", mika, 1), event("3", mika, 2)}));
    const auto first = read_as<ws::Event>(*client.outbox.take()).position;
    Client again;
    CHECK(again.subscribe(world, mikas, first).recovered);
    CHECK(again.read() == Names{"2", "3"});
}

TEST_CASE("says that something may be missing once it was forgotten") {
    World world{{.decisions = 2, .bytes = 1 << 20}};
    Client client;
    const auto position = client.subscribe(world, mikas).position;
    client.subscription.reset();
    for (int i = 0; i < 3; ++i) world.hub.take(decision(world.ledger(mika), {event(std::to_string(i), mika, i)}));
    CHECK_FALSE(client.subscribe(world, mikas, position).recovered);
    CHECK(client.read().empty());
    world.hub.take(decision(world.ledger(mika), {event("new", mika, 3)}));
    CHECK(client.read() == Names{"new"});
}

TEST_CASE("does not believe positions that it can't have given out") {
    World world;
    const auto slots = partitions_of(mikas, world.hub.partitions());
    const std::vector<Offset> far(slots.size(), Offset{Hub::furthest_ahead + 1});
    const Positions positions{a_key()};
    for (const auto& since : {positions.write(mikas, far), positions.write(yukis, std::vector<Offset>(slots.size())),
                              std::string{"nonsense"}}) {
        Client client;
        CHECK_FALSE(client.subscribe(world, mikas, since).recovered);
    }
}

TEST_CASE("doesn't repeat what a client already got from a gateway that is ahead") {
    World ahead, behind;
    Client client;
    client.subscribe(ahead, mikas);
    const auto first = decision(ahead.slot("challenges", 0), {event("1", mika, 0)});
    const auto second = decision(ahead.ledger(mika), {event("2", mika, 0), event("3", mika, 1)});
    ahead.hub.take(first);
    ahead.hub.take(second);
    CHECK(client.read() == Names{"1", "2", "3"});

    Client moved;
    CHECK(moved.subscribe(behind, mikas, client.position).recovered);
    behind.hub.take(second);
    CHECK(moved.read().empty());
    behind.hub.take(decision(behind.ledger(mika), {event("4", mika, 2)}));
    behind.hub.take(first);
    behind.hub.take(decision(behind.slot("challenges", 0), {event("5", mika, 1)}));
    CHECK(moved.read() == Names{"4", "5"});
}

TEST_CASE("tells a long past at the reader's own speed, and the news behind it") {
    World world;
    Client client{{.frames = 8, .bytes = 1 << 20}};
    const auto position = client.subscribe(world, mikas).position;
    client.subscription.reset();
    Names expected;
    for (int i = 0; i < 1000; ++i) {
        expected.push_back(std::to_string(i));
        world.hub.take(decision(world.ledger(mika), {event(expected.back(), mika, i)}));
    }
    client.subscribe(world, mikas, position);
    Names told;
    for (int i = 1000; !client.outbox.empty(); client.subscription->go_on()) {
        CHECK(client.outbox.size() <= 4);
        std::ranges::copy(client.read(), std::back_inserter(told));
        if (i >= 1100) continue;
        expected.push_back(std::to_string(i));
        world.hub.take(decision(world.ledger(mika), {event(expected.back(), mika, i++)}));
    }
    CHECK(told == expected);
    world.hub.take(decision(world.ledger(mika), {event("news", mika, 5000)}));
    CHECK(client.read() == Names{"news"});
}

TEST_CASE("closes a reader who is too slow even for the past, and one who is too slow for the news") {
    World world{{.decisions = 20, .bytes = 1 << 20}};
    Client of_the_past{{.frames = 4, .bytes = 1 << 20}};
    const auto position = of_the_past.subscribe(world, mikas).position;
    of_the_past.subscription.reset();
    for (int i = 0; i < 10; ++i) world.hub.take(decision(world.ledger(mika), {event("e", mika, i)}));
    CHECK(of_the_past.subscribe(world, mikas, position).recovered);
    Client of_the_news{{.frames = 4, .bytes = 1 << 20}};
    of_the_news.subscribe(world, mikas);
    for (int i = 10; i < 40; ++i) world.hub.take(decision(world.ledger(mika), {event("e", mika, i)}));
    CHECK(of_the_past.read() == Names{"e", "e"});
    of_the_past.subscription->go_on();
    REQUIRE(of_the_past.outbox.closing());
    REQUIRE(of_the_news.outbox.closing());
    CHECK(of_the_past.outbox.closing()->code == CloseCode::too_slow);
    CHECK(of_the_news.outbox.closing()->code == CloseCode::too_slow);
}

TEST_CASE("writes an event once for all who are level") {
    World world;
    Client one, other;
    one.subscribe(world, mikas);
    other.subscribe(world, mikas);
    world.hub.take(decision(world.ledger(mika), {event("e", mika, 0)}));
    CHECK(one.outbox.take() == other.outbox.take());
    CHECK(world.hub.pushed() == 2);
}

TEST_CASE("gives quiet clients a newer position before theirs is too old") {
    World world{{.decisions = 100, .bytes = 1 << 20}};
    std::vector<std::unique_ptr<Client>> quiet;
    for (int i = 0; i < 60; ++i) {
        quiet.push_back(std::make_unique<Client>());
        quiet.back()->subscribe(world, i % 2 == 0 ? mikas : leaderboard_channel);
    }
    for (int i = 0; i < 1000; ++i) {
        world.hub.take(decision(world.slot("challenges", i % 2), {event("hers", yuki, i)}));
        for (auto& client : quiet) {
            for (const auto& text : read_all(client->outbox)) client->position = read_as<ws::Position>(text).position;
        }
        if (i % 50 != 49) continue;
        Client back;
        CHECK(back.subscribe(world, mikas, quiet[static_cast<std::size_t>(i / 50)]->position).recovered ==
              (i / 50 % 2 == 0));
        CHECK(back.read().empty());
    }
}

TEST_CASE("knows that nothing else counts up to where the tail has read") {
    World world;
    Client client;
    const auto slots = partitions_of(leaderboard_channel, world.hub.partitions());
    world.hub.reach(slots.front(), Offset{7});
    const auto position = client.subscribe(world, leaderboard_channel).position;
    CHECK(Positions{a_key()}.read(leaderboard_channel, position, 2)->front() == Offset{7});
}

TEST_CASE("lets go of who leaves") {
    World world;
    Client stays, leaves;
    stays.subscribe(world, mikas);
    leaves.subscribe(world, mikas);
    CHECK(world.hub.subscriptions() == 2);
    leaves.subscription.reset();
    world.hub.take(decision(world.ledger(mika), {event("e", mika, 0)}));
    CHECK(stays.read() == Names{"e"});
    CHECK(leaves.outbox.empty());
    CHECK(world.hub.subscriptions() == 1);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
