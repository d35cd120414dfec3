// tests/integration/commands/decider_test.cpp: deciders on a real broker: once, in order, whatever happens to them.
#include "commands/decider/decider.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "commands/client/command_client.hpp"
#include "infra/log/event_reader.hpp"
#include "infra/store/rocksdb_map.hpp"
#include "tests/support/counter.hpp"

using namespace kiroku;
using commands::Answer;
using namespace std::chrono_literals;

namespace {

constexpr int partitions = 3;

std::string broker() {
    const char* kafka = std::getenv("KIROKU_KAFKA");
    REQUIRE_MESSAGE(kafka != nullptr, "run through infra/local/with_servers: KIROKU_KAFKA is not set");
    return kafka;
}

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("kiroku-decider-" + to_string(random_uuid_v7()));
    ~Folder() { std::filesystem::remove_all(path); }
};

/// A decider on a thread, with a store of its own.
class Running {
public:
    Running(const commands::Context& context, const std::filesystem::path& state, std::string name = "one")
        : thread_([this, &context, state, name](const std::stop_token& stop) {
              commands::run_decider({&context, 1}, {broker(), state, context.name + name}, stop);
          }) {}

private:
    std::jthread thread_;
};

struct World {
    commands::Context context = test::counter_context();
    Folder state;
    std::unique_ptr<commands::CommandClient> client;

    World() {
        test::make_topics(broker(), context.name, partitions);
        client = std::make_unique<commands::CommandClient>(
            commands::CommandClient::Settings{.bootstrap = broker(), .name = context.name});
    }

    Answer add(const Uuid& counter, int amount, CommandId intent = CommandId{random_uuid_v7()}) const {
        return client->send_and_wait(test::add(context.name, counter, amount, intent), 20s);
    }

    /// Asks again with the same intent until it is answered, as a client would.
    Answer add_surely(const Uuid& counter, int amount, CommandId intent) const {
        for (int attempt = 0; attempt < 30; ++attempt) {
            auto answer = client->send_and_wait(test::add(context.name, counter, amount, intent), 2s);
            if (answer.outcome == Answer::Outcome::decided) return answer;
        }
        return {};
    }

    struct Seen {
        std::map<CommandId, int> decisions;  ///< how often each intent was decided
        std::map<Uuid, int> totals;
        std::uint64_t void_records = 0;
    };
    [[nodiscard]] Seen read_log() const {
        Seen seen;
        log::EventReader reader{broker()};
        std::map<log::Partition, log::Cursor> from;
        for (const auto& partition : reader.partitions_of(context.name)) from[partition] = {};
        reader.read(from);
        while (reader.poll(100, 10'000,
                           [&](const log::ReadDecision& decision) {
                               ++seen.decisions[decision.events.front().envelope.command];
                               for (const auto& event : decision.events)
                                   seen.totals[event.envelope.aggregate] = test::total_of(event.envelope.data);
                           }) > 0 ||
               !reader.all_at_end()) {
        }
        for (const auto& [partition, cursor] : from)
            seen.void_records += reader.reader(partition).counts().void_records;
        return seen;
    }
};

/// Many clients that add 1 again and again, each to its own counter, until told to stop; what was answered.
struct Load {
    explicit Load(const World& world) {
        for (int client = 0; client < 8; ++client) {
            threads.emplace_back([this, &world] {
                const auto counter = random_uuid_v7();
                int answered = 0;
                while (!done) {
                    const CommandId intent{random_uuid_v7()};
                    const auto answer = world.add_surely(counter, 1, intent);
                    if (answer.outcome != Answer::Outcome::decided || !answer.reply.accepted()) break;
                    ++answered;
                    const std::lock_guard lock{mutex};
                    intents.insert(intent);
                }
                const std::lock_guard lock{mutex};
                totals[counter] = answered;
            });
        }
    }
    void finish() {
        done = true;
        for (auto& thread : threads) thread.join();
    }
    /// Every answered intent is in the log exactly once, nothing is in it twice, and the sums agree.
    void check(const World& world) {
        const auto seen = world.read_log();
        for (const auto& intent : intents) CHECK(seen.decisions.contains(intent));
        for (const auto& [intent, times] : seen.decisions) CHECK(times == 1);
        for (const auto& [counter, total] : totals) CHECK(seen.totals.at(counter) == total);
        CHECK(intents.size() > 20);
    }

    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::set<CommandId> intents;
    std::map<Uuid, int> totals;
};

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
