// tests/integration/commands/takeover_test.cpp: partitions that change hands, and commands that nobody was there for.
#include <fmt/format.h>

#include "infra/kafka/consumer.hpp"
#include "tests/integration/commands/deciding_world.hpp"

using namespace kiroku;
using namespace kiroku::deciding;

namespace {

using std::chrono::steady_clock;

Uuid counter_in(int partition) {
    for (;;) {
        const auto counter = random_uuid_v7();
        if (kafka::partition_of(to_string(counter), partitions) == partition) return counter;
    }
}

/// By partition, who wrote its last fence.
std::map<int, std::string> owners_of(const World& world) {
    kafka::Consumer reader{broker()};
    std::vector<kafka::Start> starts;
    const auto topic = log::event_topic(world.context.name);
    for (int number = 0; number < partitions; ++number) starts.push_back({{topic, number}, Offset{0}});
    reader.assign(starts);
    std::map<int, std::string> owners;
    for (int ends = 0; ends < partitions;) {
        const auto message = reader.poll(100);
        if (message.kind() == kafka::Message::Kind::end_of_partition) ++ends;
        if (message.kind() != kafka::Message::Kind::record) continue;
        const auto record = message.record();
        const auto envelope = log::read_envelope(record.value);
        REQUIRE(envelope);
        if (envelope->is_fence()) owners[record.partition] = envelope->data;
    }
    return owners;
}

/// A client a partition that asks for one thing after the other, and when each was answered.
class Asking {
public:
    explicit Asking(const World& world) {
        for (int number = 0; number < partitions; ++number) {
            threads_.emplace_back([this, &world, number](const std::stop_token& stop) {
                const auto counter = counter_in(number);
                while (!stop.stop_requested()) {
                    const auto answer = world.add(counter, 1);
                    CHECK(answer.outcome == Answer::Outcome::decided);
                    const std::lock_guard lock{mutex_};
                    answered_[number].push_back(steady_clock::now());
                }
            });
        }
    }

    /// The longest that a partition let its client wait since then.
    std::chrono::milliseconds pause(int partition, steady_clock::time_point since) {
        const std::lock_guard lock{mutex_};
        steady_clock::duration longest{0};
        auto last = since;
        for (const auto at : answered_[partition]) {
            if (at <= since) continue;
            longest = std::max(longest, at - last);
            last = at;
        }
        longest = std::max(longest, steady_clock::now() - last);
        return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
    }

    void finish() { threads_.clear(); }

private:
    std::mutex mutex_;
    std::map<int, std::vector<steady_clock::time_point>> answered_;
    std::vector<std::jthread> threads_;
};

}  // namespace

TEST_SUITE("commands/takeover") {
TEST_CASE("partitions that stay are decided while others change hands; those of a decider that leaves move at once") {
    World world;
    Folder other_state;
    auto one = std::make_unique<Running>(world.context, world.state.path, "one");
    Asking asking{world};
    std::this_thread::sleep_for(2s);
    const auto joined = steady_clock::now();
    const Running other{world.context, other_state.path, "other"};
    std::this_thread::sleep_for(5s);
    const auto shared = owners_of(world);
    std::set<std::string> sharing;
    for (const auto& [number, owner] : shared) sharing.insert(owner);
    REQUIRE(sharing.size() == 2);
    for (const auto& [number, owner] : shared) {
        MESSAGE("joined: partition ", number, " of ", owner, " paused ", asking.pause(number, joined).count(), " ms");
    }

    const auto stopped = steady_clock::now();
    one.reset();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - stopped);
    std::this_thread::sleep_for(4s);
    std::map<int, std::chrono::milliseconds> pauses;
    for (const auto& [number, owner] : shared) {
        pauses[number] = asking.pause(number, stopped);
        MESSAGE("left within ", took.count(), " ms: partition ", number, " of ", owner, " paused ",
                pauses[number].count(), " ms");
    }
    asking.finish();
    CHECK(took < 20s);
    const auto after = owners_of(world);
    for (const auto& [number, owner] : shared) {
        const bool stayed = after.at(number) == owner;
        CHECK(stayed == owner.contains("other"));
        CHECK(pauses.at(number) < (stayed ? 2s : 5s));  // a session takes 6 s to run out
    }
}

TEST_CASE("what nobody was there to decide in time isn't decided later; asked for again, it is") {
    World world;
    const auto counter = random_uuid_v7();
    const CommandId intent{random_uuid_v7()};
    // A client's first may reach the log behind its deadline, which is refused whatever the fences tell.
    const auto first = test::add(world.context.name, counter, 1, CommandId{random_uuid_v7()});
    REQUIRE(world.client->send_and_wait(first, 3s).outcome == Answer::Outcome::no_answer);
    const auto late = world.client->send_and_wait(test::add(world.context.name, counter, 1, intent), 300ms);
    CHECK(late.outcome == Answer::Outcome::no_answer);
    const Running decider{world.context, world.state.path};
    CHECK(world.add(counter, -1).reply.refusal == "below_zero");
    CHECK(world.read_log().decisions.empty());
    const auto again = world.add(counter, 1, intent);
    CHECK(again.reply.accepted());
    CHECK_FALSE(again.reply.replayed);
    CHECK(world.read_log().decisions.at(intent) == 1);
}

TEST_CASE("a command that a bug makes fail is refused by name and counted, each time, and its neighbours go on") {
    World world;
    runtime::Vitals vitals{commands::decider_measures()};
    const Running decider{world.context, world.state.path, "one", &vitals};
    const auto poisoned = counter_in(0), neighbour = counter_in(0);
    for (int round = 1; round <= 5; ++round) {
        CHECK(world.add(poisoned, 666).reply.refusal == "internal_error");
        CHECK(world.add(poisoned, 1).reply.accepted());
        CHECK(world.add(neighbour, 1).reply.accepted());
    }
    CHECK(world.read_log().totals == std::map<Uuid, int>{{poisoned, 5}, {neighbour, 5}});
    const auto counted =
        fmt::format("kiroku_decide_poison_commands_total{{context=\"{}\",partition=\"0\"}} 5\n", world.context.name);
    for (int waited = 0; waited < 100 && !vitals.metrics().contains(counted); ++waited)
        std::this_thread::sleep_for(100ms);
    CHECK(vitals.metrics().contains(counted));
    CHECK(vitals.problems().empty());
}
}
