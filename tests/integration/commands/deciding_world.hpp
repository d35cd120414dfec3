// tests/integration/commands/deciding_world.hpp: deciders and their clients on a real broker, in a context of their
// own.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "commands/client/command_client.hpp"
#include "commands/decider/decider.hpp"
#include "infra/log/event_reader.hpp"
#include "tests/support/counter.hpp"
#include "tests/support/folder.hpp"

namespace kiroku::deciding {

using commands::Answer;
using namespace std::chrono_literals;

inline constexpr int partitions = 3;

inline std::string broker() {
    const char* kafka = std::getenv("KIROKU_KAFKA");
    REQUIRE_MESSAGE(kafka != nullptr, "run through infra/local/with_servers: KIROKU_KAFKA is not set");
    return kafka;
}

using test::Folder;

/// A decider on a thread, with a store of its own.
class Running {
public:
    Running(const commands::Context& context, const std::filesystem::path& state, std::string name = "one",
            runtime::Vitals* vitals = nullptr, std::string group = "kiroku-decide")
        : thread_([&context, state, name, vitals, group](const std::stop_token& stop) {
              commands::run_decider({&context, 1}, {broker(), state, context.name + name, group, vitals}, stop);
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

}  // namespace kiroku::deciding
