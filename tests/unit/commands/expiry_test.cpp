// tests/unit/commands/expiry_test.cpp: what has waited too long isn't decided, and nobody finds it in time later.
#include "tests/unit/commands/owned_partition.hpp"

using namespace kiroku;
using namespace kiroku::commands;
using namespace std::chrono_literals;

namespace {

const Instant recorded{1'700'000'000s};  // the time of every record, as World has it
const Instant deadline = recorded + 5s;

/// A world with one command in it that was recorded in time.
struct Waiting : World {
    CommandId id = intent();
    std::size_t command = 0;

    Waiting() {
        deadline = ::deadline;
        command = sent("email_claim", claim, claim_by(alice), id);
    }
    [[nodiscard]] std::string refusal() const { return log.replies.empty() ? "" : log.replies.back().refusal; }
};

}  // namespace

TEST_SUITE("commands/expiry") {
TEST_CASE("recorded after its deadline, a command is refused") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    world.deadline = recorded - 1ms;
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].refusal == "command_expired");
    CHECK(world.log.in_flight.empty());
    CHECK(owner.counts().expired == 1);
}

TEST_CASE("what lay there overdue when the fence was written is refused; asked for anew, it is decided") {
    Waiting world;
    auto owner = world.owner();
    world.own(owner, deadline + 1s);
    world.hear_from(owner);
    CHECK(world.refusal() == "command_expired");
    CHECK(world.log.in_flight.empty());

    world.deadline = deadline + 10s;
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), world.id));
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.log.replies.back().accepted());

    auto successor = world.owner(Offset{0});
    world.own(successor, deadline + 2s);
    world.hear_from(successor);
    CHECK(world.log.in_flight.empty());
    CHECK(world.log.replies.back().command == world.id);
    CHECK_FALSE(world.log.replies.back().replayed);
}

TEST_CASE("in time when the fence was written, or not there yet: it is decided") {
    Waiting world;
    auto owner = world.owner();
    SUBCASE("in time") {
        world.own(owner, deadline - 1s);
        world.hear_from(owner);
    }
    SUBCASE("sent later; a fence by a clock that is wrong doesn't concern it") {
        world.commands.clear();
        world.own(owner, deadline + 24h);
        world.hear(owner, world.sent("email_claim", claim, claim_by(alice), world.id));
    }
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].accepted());
}

TEST_CASE("found overdue by the decider's clock: it is in doubt, notes the time with a fence, and refuses") {
    Waiting world;
    auto owner = world.owner();
    world.commands.clear();
    world.own(owner, recorded);
    const auto late = world.sent("email_claim", claim, claim_by(alice), world.id);
    world.hear(owner, late, deadline + 1s);
    CHECK(owner.phase() == PartitionOwner::Phase::idle);
    CHECK(world.log.replies.empty());
    world.own(owner, deadline + 1s);
    CHECK(owner.next_command() == Offset{0});
    world.hear(owner, late, deadline + 1s);
    CHECK(world.refusal() == "command_expired");
}

TEST_CASE("overdue by a clock soon after its fence: decided, as the log's clock tells nothing against it") {
    Waiting world;
    auto owner = world.owner();
    world.own(owner, deadline - 1s);
    world.hear(owner, world.command, deadline + 1s);
    CHECK(owner.phase() == PartitionOwner::Phase::owning);
    CHECK(world.log.in_flight.size() == 1);
}

TEST_CASE("whoever takes over with a clock that is behind still finds it expired, with the store or without") {
    Waiting world;
    {
        auto owner = world.owner();
        world.own(owner, deadline + 1s);
        world.hear_from(owner);
        REQUIRE(world.refusal() == "command_expired");
        owner.write();
    }
    Folder other;
    SUBCASE("with the store") {}
    SUBCASE("without it") { world.store = std::make_unique<store::RocksdbMap>(other.path); }
    auto successor = world.owner(Offset{0});
    world.own(successor, recorded);
    world.hear_from(successor);
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.refusal() == "command_expired");
    CHECK(world.log.in_flight.empty());
}

TEST_CASE("after a takeover nothing is decided before it is known where to go on") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    const auto first = world.sent("email_claim", claim, claim_by(alice), intent());
    const auto second = world.sent("email_claim", claim, claim_by(bob), intent());
    owner.take_over(Instant{}, "test");
    world.hear(owner, first);  // it still comes from before
    world.log.take_all(owner);
    REQUIRE(world.log.read_all(owner));
    world.hear(owner, second);
    CHECK(world.log.in_flight.empty());
    owner.resume_commands();
    world.hear_from(owner);
    world.log.take_all(owner);
    REQUIRE(world.log.replies.size() == 2);
    CHECK(world.log.replies[0].accepted());
    CHECK(world.log.replies[1].refusal == "email_taken");
}
}
