// tests/unit/commands/partition_owner_test.cpp: an owner on a log of this test's own, where anything can happen to
// records.
#include "commands/decider/partition_owner.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "commands/client/command_record.hpp"
#include "commands/identity/context.hpp"
#include "schemas/identity/codec.hpp"

using namespace kiroku;
using namespace kiroku::commands;
using kiroku::log::Reply;

namespace {

const log::Partition partition{"identity", 0};
const Uuid alice = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a17");
const Uuid bob = *Uuid::parse("0195677c-1d80-7a3e-9c51-2f6b8d4e0a18");
const Uuid claim = *Uuid::parse("0195677c-1d80-8a3e-9c51-2f6b8d4e0a19");

/// One partition of an event topic; what was sent stays in flight until the test says what becomes of it.
class Log final : public Outlet {
public:
    struct InFlight {
        std::string value;
        std::uint64_t tag;
    };

    bool append(const log::Partition&, std::string_view, std::string_view value, std::uint64_t tag) override {
        if (full) return false;
        in_flight.push_back({std::string{value}, tag});
        return true;
    }
    void reply(const log::ReplyTo&, std::string_view value) override { replies.push_back(*log::read_reply(value)); }

    /// The log takes the oldest record in flight and tells its owner.
    void take_one(PartitionOwner& owner) {
        const auto record = std::move(in_flight.front());
        in_flight.pop_front();
        records.push_back(record.value);
        owner.delivered(record.tag, Offset{static_cast<std::int64_t>(records.size()) - 1});
    }
    void take_all(PartitionOwner& owner) {
        while (!in_flight.empty()) take_one(owner);
    }

    /// Lets the owner read what it wants to know; false if it halted.
    bool read_all(PartitionOwner& owner) const {
        for (auto at = owner.read_from().value;
             at < std::ssize(records) && owner.phase() == PartitionOwner::Phase::catching_up; ++at) {
            if (!owner.read(record(at))) at = owner.read_from().value - 1;
        }
        return owner.phase() == PartitionOwner::Phase::owning;
    }
    [[nodiscard]] kafka::Record record(std::int64_t offset) const {
        return {.topic = "identity.events",
                .partition = 0,
                .offset = Offset{offset},
                .timestamp = {},
                .key = {},
                .value = records.at(static_cast<std::size_t>(offset))};
    }

    std::deque<InFlight> in_flight;
    std::vector<std::string> records;
    std::vector<Reply> replies;
    bool full = false;
};

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("kiroku-owner-" + to_string(random_uuid_v7()));
    ~Folder() { std::filesystem::remove_all(path); }
};

/// A log, a store and commands for them.
struct World {
    Folder folder;
    Context context = identity_context();
    std::unique_ptr<rocksdb::Store> store = std::make_unique<rocksdb::Store>(folder.path);
    Log log;
    std::vector<std::string> commands;

    PartitionOwner owner() { return {context, partition, *store, log, "test"}; }

    void own(PartitionOwner& owner, std::optional<Offset> answered = std::nullopt) {
        owner.take_over(Instant{}, "test");
        log.take_all(owner);
        REQUIRE(log.read_all(owner));
        owner.resume_commands(answered, {Offset{0}, Offset{static_cast<std::int64_t>(commands.size()) + 1000}});
    }

    template <class Command>
    std::size_t sent(std::string_view aggregate, const Uuid& id, const Command& command, const CommandId& intent,
                     const std::string& hash = "h") {
        auto record = command_record(id, command);
        record.aggregate = aggregate;
        record.delivery = random_uuid_v7();
        record.command = intent;
        record.hash = hash;
        record.correlation = "c";
        record.actor = "test";
        record.reply_to = {0, "test"};
        commands.push_back(log::write_command(record));
        return commands.size() - 1;
    }

    void hear(PartitionOwner& owner, std::size_t command) {
        owner.decide({.topic = "identity.commands",
                      .partition = 0,
                      .offset = Offset{static_cast<std::int64_t>(command)},
                      .timestamp = Instant{std::chrono::seconds{1'700'000'000}},
                      .key = {},
                      .value = commands[command]});
    }
    void hear_from(PartitionOwner& owner) {
        for (auto at = owner.next_command().value; at < std::ssize(commands); ++at)
            hear(owner, static_cast<std::size_t>(at));
    }
};

identity::ClaimEmail claim_by(const Uuid& user) {
    return {.email_claim_id = EmailClaimId{claim},
            .user_id = UserId{user},
            .email = "a@b.c",
            .display_name = "A",
            .timezone = "Europe/Berlin",
            .credential = "x"};
}

CommandId intent() { return CommandId{random_uuid_v7()}; }

}  // namespace

TEST_SUITE("commands/partition_owner") {
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
        rocksdb::Store::destroy(world.folder.path);
        world.store = std::make_unique<rocksdb::Store>(world.folder.path);
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
    auto owner = world.owner();
    SUBCASE("the group tells that it wasn't: at once, with the first decision") {
        world.own(owner, Offset{0});
        world.hear_from(owner);
        REQUIRE(world.log.replies.size() == 1);
        CHECK(world.log.replies[0].accepted());
        CHECK_FALSE(world.log.replies[0].replayed);
        CHECK(world.log.replies[0].events.size() == 1);
    }
    SUBCASE("the group had kept nothing: when the caller asks again") {
        world.own(owner);
        CHECK(owner.next_command() == Offset{1});
    }
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
    rocksdb::Store::destroy(world.folder.path);
    world.store = std::make_unique<rocksdb::Store>(world.folder.path);
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
        rocksdb::Store other{elsewhere.path};
        PartitionOwner owner{world.context, partition, other, world.log, "other"};
        world.own(owner);
        world.hear(owner, world.sent("email_claim", claim, claim_by(bob), intent()));
        world.log.take_all(owner);
    }
    auto owner = world.owner();
    world.own(owner);
    world.hear(owner, world.sent("email_claim", claim, claim_by(alice), intent()));
    CHECK(world.log.replies.back().refusal == "email_taken");
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

TEST_CASE("a command past its deadline is not decided") {
    World world;
    auto owner = world.owner();
    world.own(owner);
    auto record = command_record(claim, claim_by(alice));
    record.command = intent();
    record.delivery = random_uuid_v7();
    record.reply_to = {0, "test"};
    record.deadline = Instant{std::chrono::seconds{1}};
    world.commands.push_back(log::write_command(record));
    world.hear(owner, 0);
    REQUIRE(world.log.replies.size() == 1);
    CHECK(world.log.replies[0].refusal == "command_expired");
    CHECK(world.log.in_flight.empty());
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
    owner.resume_commands(std::nullopt, {Offset{0}, Offset{0}});
    CHECK(owner.phase() == PartitionOwner::Phase::halted);
}
}
