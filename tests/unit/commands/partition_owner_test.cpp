// tests/unit/commands/partition_owner_test.cpp: taking a partition over, doubt, and what must never be passed over.
#include "tests/unit/commands/owned_partition.hpp"

using namespace kiroku;
using namespace kiroku::commands;

TEST_SUITE("commands/partition_owner") {
TEST_CASE("a foreign record between its own puts it in doubt: it answers nothing, takes over, and the log decides") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    const auto zombie = owner.phase();
    world.log.records.push_back(log::fence_record("identity", "other", Instant{}));
    world.log.take_all(owner);
    CHECK(zombie == PartitionOwner::Phase::owning);
    CHECK(owner.phase() == PartitionOwner::Phase::idle);
    CHECK(world.log.replies.empty());
    // Its event lies behind the other's fence: void. Decided again, it is there once.
    world.own(owner);
    world.hear_from(owner);
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].accepted());
}

TEST_CASE("a decision that was proven but not answered is answered after the takeover") {
    World world;
    {
        auto owner = world.owner();
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
        world.log.records.push_back(world.log.in_flight.front().value);  // the log has it, the owner dies unknowing
        world.log.in_flight.clear();
    }
    SUBCASE("the group tells that it wasn't: at once, with the first decision") {
        auto owner = world.owner(Offset{0});
        world.own(owner);
        world.hear_from(owner);
        REQUIRE(world.log.replies.size() == 1);
        CHECK(world.log.replies[0].accepted());
        CHECK_FALSE(world.log.replies[0].replayed);
        CHECK(world.log.replies[0].events.size() == 1);
    }
    SUBCASE("the group had kept nothing: when the caller asks again") {
        auto owner = world.owner();
        world.own(owner);
        CHECK(owner.next_command() == Offset{1});
    }
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(bob), intent()));
    CHECK(world.log.replies.back().refusal == "email_taken");
    CHECK(world.log.in_flight.empty());
}

TEST_CASE("records that were not delivered, or a producer that takes no more, put it in doubt") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    SUBCASE("failed") {
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
        owner.failed(world.log.in_flight.front().tag, "timed out");
        world.log.in_flight.clear();
    }
    SUBCASE("full") {
        world.log.full = true;
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
        world.log.full = false;
    }
    CHECK(owner.phase() == PartitionOwner::Phase::idle);
    CHECK(world.log.replies.empty());
    world.own(owner);
    world.hear_from(owner);
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].accepted());
}

TEST_CASE("late deliveries of an earlier round don't matter") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    const auto late = world.log.in_flight.front();
    world.log.in_flight.clear();
    owner.take_over(Instant{}, "test");
    world.log.take_all(owner);
    REQUIRE(world.log.read_all(owner));
    owner.failed(late.tag, "late");
    owner.delivered(late.tag, Offset{17});
    CHECK(owner.phase() == PartitionOwner::Phase::owning);
}

TEST_CASE("late deliveries of an earlier owner in the same process don't matter") {
    World world;
    {
        auto owner = world.owner();
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    }
    auto owner = world.owner();  // the partition was given away and came back before the log took that
    owner.take_over(Instant{}, "test");
    world.log.take_one(owner);
    CHECK(owner.phase() == PartitionOwner::Phase::fencing);
    world.log.take_one(owner);
    CHECK(owner.phase() == PartitionOwner::Phase::catching_up);
    CHECK(world.log.read_all(owner));
    CHECK(owner.read_from() == Offset{1});  // the event lies before the new fence: it counts
}

TEST_CASE("a version hole halts the partition") {
    World world;
    {
        auto owner = world.owner();
        world.own(owner);
        const identity::RegisterUser registration{.email_claim_id = EmailClaimId{claim},
                                                  .email = "a@b.c",
                                                  .display_name = "A",
                                                  .timezone = "UTC",
                                                  .credential = "x"};
        world.hear(owner, world.sent("user", alice, registration, intent()));
        world.log.take_all(owner);
    }
    auto& event = world.log.records.back();
    const std::string was = R"("aggregateversion":"1")";
    event.replace(event.find(was), was.size(), R"("aggregateversion":"3")");
    world.store.reset();
    store::RocksdbMap::destroy(world.folder.path);
    world.store = std::make_unique<store::RocksdbMap>(world.folder.path);
    auto owner = world.owner();
    owner.take_over(Instant{}, "test");
    world.log.take_all(owner);
    CHECK_FALSE(world.log.read_all(owner));
    CHECK(owner.phase() == PartitionOwner::Phase::halted);
}

TEST_CASE("a store of another log is noticed and made anew") {
    World world;
    {
        auto owner = world.owner();
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
        world.log.take_all(owner);
        owner.write();
    }
    world.log.records.clear();
    world.commands.clear();
    {
        Folder elsewhere;
        const auto other = std::make_unique<store::RocksdbMap>(elsewhere.path);
        PartitionOwner owner{world.context, partition, *other, world.log, "other"};
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(bob), intent()));
        world.log.take_all(owner);
    }
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    CHECK(world.log.replies.back().refusal == "email_taken");
}

TEST_CASE("a command topic that was cut behind our back halts the partition") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    world.log.take_all(owner);
    owner.take_over(Instant{}, "test");
    world.log.take_all(owner);
    REQUIRE(world.log.read_all(owner));
    CHECK(owner.resume_commands() == Offset{1});
    CHECK(owner.misses_commands(Offset{0}));
    CHECK_FALSE(owner.misses_commands(Offset{1}));
    owner.resume_within({Offset{0}, Offset{0}});
    CHECK(owner.phase() == PartitionOwner::Phase::halted);
}

TEST_CASE("where the oldest commands are gone it goes on with those that are left") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    owner.resume_within({Offset{5}, Offset{9}});
    CHECK_FALSE(owner.hears_commands());
    CHECK(owner.resume_commands() == Offset{5});
    CHECK(owner.hears_commands());
}
}
