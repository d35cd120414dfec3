// tests/integration/commands/decider_test.cpp: deciders on a real broker: once, in order, whatever happens to them.
#include "infra/store/rocksdb_map.hpp"
#include "tests/integration/commands/deciding_world.hpp"

using namespace kiroku;
using namespace kiroku::deciding;

namespace {

/// Reads the log for a client and tells it all that it reads.
class Listener {
public:
    explicit Listener(const World& world)
        : thread_([&world](const std::stop_token& stop) {
              log::EventReader reader{broker()};
              std::map<log::Partition, log::Cursor> from;
              for (const auto& partition : reader.partitions_of(world.context.name)) from[partition] = {};
              reader.read(from);
              while (!stop.stop_requested())
                  reader.poll(50, 1'000, [&](const log::ReadDecision& decision) { tell(*world.client, decision); });
          }) {}

private:
    static void tell(commands::CommandClient& client, const log::ReadDecision& decision) {
        const auto& event = decision.events.front().envelope;
        client.heard(decision.partition, event.command, event.command_offset,
                     [&] { return log::Reply{.command = event.command, .position = "heard"}; });
    }

    std::jthread thread_;
};

}  // namespace

TEST_SUITE("commands/decider") {
TEST_CASE("commands are decided, refused, answered again, and survive the store") {
    World world;
    const auto counter = random_uuid_v7();
    const CommandId intent{random_uuid_v7()};
    {
        const Running decider{world.context, world.state.path};
        const auto first = world.add(counter, 3, intent);
        REQUIRE(first.outcome == Answer::Outcome::decided);
        CHECK(first.reply.events.size() == 3);
        CHECK(world.add(counter, -4).reply.refusal == "below_zero");
        CHECK(world.add(counter, 0).reply.events.empty());
        CHECK(world.add(counter, 666).reply.refusal == "internal_error");
        CHECK(world.add(counter, 1).reply.events.at(0).version == log::Version{4});
        CHECK(world.add(counter, 3, intent).reply.replayed);
    }
    SUBCASE("with the store") {}
    SUBCASE("without the store") { std::filesystem::remove_all(world.state.path); }
    SUBCASE("with a damaged store") {
        for (const auto& file : std::filesystem::directory_iterator{world.state.path}) {
            if (file.path().filename() == "CURRENT") std::filesystem::resize_file(file.path(), 0);
        }
    }
    SUBCASE("with a store of another layout") {
        store::RocksdbMap store{world.state.path};
        store::Batch batch;
        batch.put("layout", "events by version");
        store.write(batch);
        store.flush();
    }
    const Running decider{world.context, world.state.path};
    const auto again = world.add(counter, 3, intent);
    REQUIRE(again.outcome == Answer::Outcome::decided);
    CHECK(again.reply.replayed);
    CHECK(again.reply.events.size() == 3);
    CHECK(world.add(counter, 1).reply.events.at(0).version == log::Version{5});
}

TEST_CASE("a client that reads the log is answered by it, and by a reply where the log says nothing") {
    World world;
    const Running decider{world.context, world.state.path};
    const Listener listener{world};
    const auto counter = random_uuid_v7();
    const auto ask = [&](int amount, CommandId intent) {
        auto command = test::add(world.context.name, counter, amount, intent);
        command.reply_to.reads_log = true;
        const auto answer = world.client->send_and_wait(std::move(command), 20s);
        REQUIRE(answer.outcome == Answer::Outcome::decided);
        return answer.reply;
    };
    const CommandId first{random_uuid_v7()};
    CHECK(ask(1, first).position == "heard");
    for (int count = 0; count < 200; ++count) REQUIRE(ask(1, CommandId{random_uuid_v7()}).position == "heard");
    const auto again = ask(1, first);
    CHECK(again.replayed);
    CHECK(again.events.size() == 1);
    CHECK_FALSE(ask(-1'000, CommandId{random_uuid_v7()}).accepted());
    CHECK(world.read_log().totals.at(counter) == 201);
}

TEST_CASE("two deciders share the partitions, and when one leaves the other goes on") {
    World world;
    Folder other_state;
    auto one = std::make_unique<Running>(world.context, world.state.path, "one");
    Load load{world};
    std::this_thread::sleep_for(1s);
    auto other = std::make_unique<Running>(world.context, other_state.path, "other");
    std::this_thread::sleep_for(4s);
    one.reset();
    std::this_thread::sleep_for(8s);
    load.finish();
    load.check(world);
}

TEST_CASE("two deciders that both own all partitions fence each other, and everything is decided once") {
    World world;
    const Folder rival_state;
    Load load{world};
    const Running one{world.context, world.state.path};
    {
        const Running rival{world.context, rival_state.path, "rival", nullptr, "rivals"};
        std::this_thread::sleep_for(6s);
    }
    load.finish();
    load.check(world);
    CHECK(world.read_log().void_records > 0);
}

TEST_CASE("fences and records of others in the middle of it") {
    World world;
    const Running decider{world.context, world.state.path};
    Load load{world};
    std::this_thread::sleep_for(500ms);
    kafka::Producer intruder{broker(), [](const kafka::Delivery&) {}};
    for (int round = 0; round < 10; ++round) {
        for (int partition = 0; partition < partitions; ++partition) {
            const auto fence = log::fence_record(world.context.name, "intruder", Instant{});
            CHECK(intruder.send(log::event_topic(world.context.name), partition, {}, fence, 0));
        }
        intruder.flush(1000);
        std::this_thread::sleep_for(200ms);
    }
    load.finish();
    load.check(world);
    CHECK(world.read_log().void_records > 0);
}
}
