// tests/unit/realtime/presence_test.cpp: who is there, with one gateway and with several, over a bus in memory.
#include "gateway/realtime/presence.hpp"

#include <deque>

#include "tests/unit/realtime/feed.hpp"

namespace kiroku::gateway::realtime::test {
namespace {

using namespace std::chrono_literals;

const UserId mika = named<UserId>("mika"), yuki = named<UserId>("yuki"), noa = named<UserId>("noa");
const ChallengeId tomato = named<ChallengeId>("tomato"), drill = named<ChallengeId>("drill");

/// Gateways that hear each other, and a clock.
struct Gateways {
    explicit Gateways(int count, PresenceLimits given = {}) : limits{given} {
        for (int i = 0; i < count; ++i) start();
        go_on(400ms);
    }

    Presence& start() {
        const auto tell = [this, me = all.size()](std::string signal) {
            ++told;
            if (!is_cut && !dead.contains(me)) bus.push_back(std::move(signal));
        };
        all.push_back(std::make_unique<Presence>(named<UserId>(std::to_string(++started)).value, tell, limits));
        return *all.back();
    }

    /// Everybody hears everything, once the bus works; time goes on in small steps.
    void go_on(std::chrono::milliseconds time) {
        for (const auto until = now + time; now < until; now += 100ms) {
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (!dead.contains(i)) all[i]->pass(now);
            }
            for (; !bus.empty(); bus.pop_front()) {
                for (std::size_t i = 0; i < all.size(); ++i) {
                    if (!dead.contains(i)) all[i]->hear(bus.front(), now);
                }
            }
        }
    }

    PresenceLimits limits;
    Instant now = at("2026-03-06T12:00:00.000Z");
    std::deque<std::string> bus;
    bool is_cut = false;
    std::set<std::size_t> dead;  // gateways whose process is gone: nobody takes leave
    int started = 0, told = 0;
    std::vector<std::unique_ptr<Presence>> all;
};

/// One connection, and what it believes of who is there.
struct Tab {
    Tab(Gateways& of, std::size_t gateway, UserId user, ChallengeId challenge = tomato, Outbox::Bounds bounds = {})
        : world(of), outbox(bounds, [] {}), attendance(of.all[gateway]->attend(challenge, user, outbox, of.now)) {}

    /// Reads what came: applies snapshots and differences, counts the rest.
    Tab& read() {
        while (!outbox.empty()) {
            const auto message = json::decode_tagged<ws::ServerMessage>(*outbox.take());
            REQUIRE(message);
            if (const auto* all = std::get_if<ws::Presence>(&*message)) {
                ++snapshots;
                members.clear();
                for (const auto& member : all->members) members.insert(member.user_id);
            } else if (const auto* changed = std::get_if<ws::PresenceChanged>(&*message)) {
                ++differences;
                for (const auto& member : changed->joined) CHECK(members.insert(member.user_id).second);
                for (const auto& user : changed->left) CHECK(members.erase(user) == 1);
            } else if (const auto* seen = std::get_if<ws::Typing>(&*message)) {
                typing.push_back(*seen);
            }
        }
        return *this;
    }

    bool sees(const std::set<UserId>& expected) {
        world.go_on(400ms);
        return read().members == expected;
    }

    Gateways& world;
    Outbox outbox;
    std::unique_ptr<Attendance> attendance;
    std::set<UserId> members;
    std::vector<ws::Typing> typing;
    int snapshots = 0, differences = 0;
};

TEST_SUITE("realtime: presence") {
TEST_CASE("a snapshot, then differences") {
    Gateways world{1};
    Tab mikas{world, 0, mika};
    CHECK(mikas.sees({mika}));
    CHECK(mikas.snapshots == 1);
    {
        Tab yukis{world, 0, yuki};
        CHECK(yukis.sees({mika, yuki}));
        CHECK(yukis.differences == 0);
        CHECK(mikas.sees({mika, yuki}));
    }
    world.go_on(3s);
    CHECK(mikas.sees({mika}));
    CHECK(mikas.snapshots == 1);
    CHECK(mikas.differences == 2);
}

TEST_CASE("several tabs, also with several gateways, count once") {
    Gateways world{2};
    Tab watcher{world, 0, noa};
    CHECK(watcher.sees({noa}));
    auto first = std::make_unique<Tab>(world, 0, mika);
    auto second = std::make_unique<Tab>(world, 0, mika);
    auto third = std::make_unique<Tab>(world, 1, mika);
    CHECK(watcher.sees({noa, mika}));
    CHECK(watcher.differences == 1);
    first.reset();
    third.reset();
    world.go_on(5s);
    CHECK(watcher.sees({noa, mika}));
    CHECK(watcher.differences == 1);
    second.reset();
    world.go_on(3s);
    CHECK(watcher.sees({noa}));
}

TEST_CASE("who comes back at once, here or elsewhere, was never gone") {
    Gateways world{2};
    Tab watcher{world, 0, noa};
    CHECK(watcher.sees({noa}));
    auto mikas = std::make_unique<Tab>(world, 0, mika);
    CHECK(watcher.sees({noa, mika}));
    mikas.reset();
    world.go_on(1s);
    mikas = std::make_unique<Tab>(world, 1, mika);
    world.go_on(10s);
    CHECK(watcher.sees({noa, mika}));
    CHECK(watcher.differences == 1);
}

TEST_CASE("two gateways see the same, each challenge for itself") {
    Gateways world{2};
    Tab here{world, 0, mika}, there{world, 1, yuki}, other{world, 1, noa, drill};
    CHECK(here.sees({mika, yuki}));
    CHECK(there.sees({mika, yuki}));
    CHECK(other.sees({noa}));
    there.attendance.reset();
    world.go_on(3s);
    CHECK(here.sees({mika}));
    CHECK(other.sees({noa}));
}

TEST_CASE("a gateway that comes later knows at once who is there") {
    Gateways world{1};
    Tab here{world, 0, mika};
    world.go_on(1s);
    world.start();
    world.go_on(300ms);
    Tab late{world, 1, yuki};
    CHECK(late.sees({mika, yuki}));
    CHECK(late.differences == 0);
}

TEST_CASE("those of a gateway that died are gone when its lease is, not before; of one that left, at once") {
    Gateways world{3};
    Tab watcher{world, 0, noa};
    Tab with_second{world, 1, mika}, with_third{world, 2, yuki};
    CHECK(watcher.sees({noa, mika, yuki}));
    world.go_on(10s);
    world.dead.insert(2);
    world.go_on(9s);
    CHECK(watcher.sees({noa, mika, yuki}));
    world.go_on(7s);
    CHECK(watcher.sees({noa, mika}));
    world.all[1]->leave();
    world.dead.insert(1);
    world.go_on(3s);
    CHECK(watcher.sees({noa}));
}

TEST_CASE("without a bus a gateway knows its own, and all again once there is one") {
    Gateways world{2};
    Tab here{world, 0, mika}, there{world, 1, yuki};
    CHECK(here.sees({mika, yuki}));
    world.is_cut = true;
    Tab also_here{world, 0, noa};
    CHECK(here.sees({mika, yuki, noa}));
    world.go_on(16s);
    CHECK(here.sees({mika, noa}));
    CHECK(there.sees({yuki}));
    world.is_cut = false;
    world.go_on(6s);
    CHECK(here.sees({mika, yuki, noa}));
    CHECK(there.sees({mika, yuki, noa}));
}

TEST_CASE("an old roll changes nothing, and what isn't understood is left alone") {
    Gateways world{2};
    Tab here{world, 0, mika};
    Tab there{world, 1, yuki};
    world.all[1]->pass(world.now);
    const auto old_roll = world.bus.back();
    Tab also_there{world, 1, noa};
    CHECK(here.sees({mika, yuki, noa}));
    world.bus.push_back(old_roll);
    world.bus.push_back("nonsense");
    world.bus.push_back(R"({"type":"of_a_newer_gateway"})");
    CHECK(here.sees({mika, yuki, noa}));
}

TEST_CASE("a channel holds so many, and so many channels there are") {
    Gateways world{1, {.members = 2, .channels = 2}};
    Tab mikas{world, 0, mika}, yukis{world, 0, yuki}, noas{world, 0, noa}, again{world, 0, mika};
    CHECK_FALSE(noas.attendance);
    CHECK(again.attendance);
    Tab second{world, 0, noa, drill}, third{world, 0, noa, named<ChallengeId>("third")};
    CHECK(second.attendance);
    CHECK_FALSE(third.attendance);
    world.go_on(1s);
    CHECK(world.all[0]->channels() == 2);
    CHECK(world.all[0]->members_here() == 3);
}

TEST_CASE("nothing is kept of who is gone") {
    Gateways world{2};
    { Tab here{world, 0, mika}, there{world, 1, yuki}; }
    world.go_on(20s);
    CHECK(world.all[0]->channels() == 0);
    CHECK(world.all[1]->channels() == 0);
    const int told = world.told;
    world.go_on(20s);
    CHECK(world.told == told);
}
}

TEST_SUITE("realtime: typing") {
TEST_CASE("is shown to the others, wherever they are, and not to oneself") {
    Gateways world{2};
    Tab mikas{world, 0, mika}, second_tab{world, 1, mika}, here{world, 0, yuki}, there{world, 1, noa};
    world.go_on(1s);
    world.all[0]->show_typing(*mikas.attendance, world.now);
    const auto until = world.now + 5s;
    world.go_on(200ms);
    for (auto* tab : {&here, &there}) {
        REQUIRE(tab->read().typing.size() == 1);
        CHECK(tab->typing[0].user_id == mika);
        CHECK(tab->typing[0].expires_at == until);
        CHECK(tab->typing[0].channel == "challenge:" + to_string(tomato));
    }
    CHECK(mikas.read().typing.empty());
    CHECK(second_tab.read().typing.empty());
}

TEST_CASE("of one user one a second, of a whole channel so many") {
    Gateways world{1, {.typing_at_once = 3}};
    Tab watcher{world, 0, noa}, mikas{world, 0, mika};
    for (int i = 0; i < 40; ++i) {
        world.all[0]->show_typing(*mikas.attendance, world.now);
        world.go_on(100ms);
    }
    CHECK(watcher.read().typing.size() == 4);
    std::vector<std::unique_ptr<Tab>> crowd;
    for (int i = 0; i < 10; ++i) crowd.push_back(std::make_unique<Tab>(world, 0, named<UserId>(std::to_string(i))));
    world.go_on(2s);
    for (const auto& one : crowd) world.all[0]->show_typing(*one->attendance, world.now);
    CHECK(watcher.read().typing.size() == 4 + 3);
}

TEST_CASE("comes too late, or to whom has fallen behind: it is left out, and nobody is closed for it") {
    Gateways world{2};
    Tab mikas{world, 0, mika}, slow{world, 1, yuki, tomato, {.frames = 4}}, there{world, 1, noa};
    world.go_on(1s);
    there.read();
    for (int i = 0; i < 20; ++i) {
        world.all[0]->show_typing(*mikas.attendance, world.now);
        world.go_on(1s);
    }
    CHECK(there.read().typing.size() == 20);
    CHECK_FALSE(slow.outbox.closing());
    CHECK(slow.outbox.size() <= 4);
    world.is_cut = true;
    world.all[0]->show_typing(*mikas.attendance, world.now);
    world.is_cut = false;
    const ws::TypingSeen stale{
        .gateway = named<UserId>("1").value, .challenge_id = tomato, .user_id = mika, .expires_at = world.now - 1ms};
    world.bus.push_back(json::encode(stale));
    world.go_on(200ms);
    CHECK(there.read().typing.size() == 20);
}
}

}  // namespace
}  // namespace kiroku::gateway::realtime::test
