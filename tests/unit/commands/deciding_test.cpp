// tests/unit/commands/deciding_test.cpp: what becomes of a command, and when it is told.
#include "tests/support/counter.hpp"
#include "tests/unit/commands/owned_partition.hpp"

using namespace kiroku;
using namespace kiroku::commands;

TEST_SUITE("commands/deciding") {
TEST_CASE("a success is answered only when the log has all of it") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    CHECK(world.log.replies.empty());
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].accepted());
    CHECK(world.log.replies[0].position == "identity/0@1");
    CHECK(world.log.replies[0].events.at(0).type == "identity.email_claimed.v1");
}

TEST_CASE("a refusal waits for the facts that it rests on") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    world.hear(owner, world.sent("email_claim", claim, claim_by(bob), intent()));
    CHECK(world.log.replies.empty());
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.log.replies[1].refusal == "email_taken");
}

TEST_CASE(
    "the same intent is answered with the first decision: in flight, proven, after a restart, without the store") {
    World world;
    const auto first = intent();
    {
        auto owner = world.owner();
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
        world.log.take_all(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
        owner.write();
    }
    SUBCASE("with the store") {}
    SUBCASE("without") {
        world.store.reset();
        store::RocksdbMap::destroy(world.folder.path);
        world.store = std::make_unique<store::RocksdbMap>(world.folder.path);
    }
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
    const auto& replies = world.log.replies;
    REQUIRE(replies.size() == 4);
    CHECK_FALSE(replies[0].replayed);
    for (const auto& reply : replies) {
        REQUIRE(reply.accepted());
        CHECK(reply.events.at(0).id == replies[0].events.at(0).id);
        CHECK(reply.events.at(0).data == replies[0].events.at(0).data);
    }
    CHECK(replies[1].replayed);
    CHECK(replies[2].replayed);
    CHECK(replies[3].replayed);
    CHECK(world.log.records.size() == 3);  // two fences, one event
}

TEST_CASE("a command about another version of its aggregate is refused; told again, the first answer stands") {
    World world;
    world.context = test::counter_context("identity");
    auto owner = world.owner();
    world.own(owner);
    const auto add = [&](int amount, std::optional<std::int64_t> version, CommandId id = intent()) {
        auto record = test::add("identity", alice, amount, id);
        record.delivery = random_uuid_v7();
        record.reply_to = {0, "test"};
        record.expected = version.transform([](std::int64_t number) { return log::Version{number}; });
        world.commands.push_back(log::write_command(record));
        world.hear(owner, world.commands.size() - 1);
        world.log.take_all(owner);
        const auto& reply = world.log.replies.back();
        return reply.accepted() ? "version " + std::to_string(reply.events.back().version.value) : reply.refusal;
    };
    const auto first = intent();
    CHECK(add(1, 0, first) == "version 1");
    CHECK(add(1, 0) == "precondition_failed");
    CHECK(add(1, -1) == "precondition_failed");
    CHECK(add(-5, 0) == "below_zero");  // what the rules refuse they refuse whatever version is meant
    CHECK(add(1, 1) == "version 2");
    CHECK(add(1, std::nullopt) == "version 3");
    CHECK(add(1, 0, first) == "version 1");
    CHECK(world.log.replies.back().replayed);
}

TEST_CASE("a record met again isn't answered with what a later record of the same command led to") {
    World world;
    world.context = test::counter_context("identity");
    const auto send = [&](int amount, CommandId id) {
        auto record = test::add("identity", alice, amount, id);
        record.delivery = random_uuid_v7();
        record.reply_to = {0, "test"};
        world.commands.push_back(log::write_command(record));
        return record.delivery;
    };
    const auto asked_again = intent();
    const auto first = send(-1, asked_again);
    send(2, intent());
    send(-1, asked_again);
    {
        auto owner = world.owner();
        world.own(owner);
        world.hear_from(owner);
        world.log.take_all(owner);
        REQUIRE(world.log.replies.size() == 3);
        REQUIRE(world.log.replies[0].refusal == "below_zero");
        REQUIRE(world.log.replies[2].accepted());
    }
    world.log.replies.clear();
    auto owner = world.owner(Offset{0});
    world.own(owner);
    world.hear_from(owner);
    CHECK(world.log.replies.size() == 2);
    for (const auto& reply : world.log.replies) CHECK(reply.delivery != first);
}

TEST_CASE("the same intent with another body is refused") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    const auto first = intent();
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first, "h1"));
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first, "h2"));
    world.log.take_all(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first, "h3"));
    REQUIRE(world.log.replies.size() == 3);
    CHECK(world.log.replies[1].refusal == "idempotency_key_reused");
    CHECK(world.log.replies[2].refusal == "idempotency_key_reused");
}

TEST_CASE("a command that is none, or of nobody here, stops nothing") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.commands.emplace_back("{");
    world.hear(owner, 0);
    world.hear(owner, world.sent("nobody", alice, claim_by(alice), intent()));
    world.hear(owner, world.sent("user", alice, claim_by(alice), intent()));
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.log.replies[0].refusal == "command_malformed");
    CHECK(world.log.replies[1].refusal == "command_malformed");
    CHECK(owner.answered() == Offset{3});
}

TEST_CASE("who reads the log is told only what doesn't lie in it: refusals and replays") {
    World world;
    world.reads_log = true;
    auto owner = world.owner();
    world.own(owner);
    const auto first = intent();
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
    world.log.take_all(owner);
    CHECK(world.log.replies.empty());
    CHECK(owner.answered() == Offset{1});
    world.hear(owner, world.sent("email_claim", claim, claim_by(bob), intent()));
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].refusal == "email_taken");
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), first));
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.log.replies[1].replayed);
    CHECK(world.log.replies[1].events.size() == 1);
}
}
