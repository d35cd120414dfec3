// tests/integration/audit/audit_test.cpp: an audit of logs on a real broker, and of what was signed about them.
#include "infra/audit/audit.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "commands/client/command_client.hpp"
#include "commands/decider/decider.hpp"
#include "infra/kafka/producer.hpp"
#include "tests/support/counter.hpp"
#include "tests/support/servers.hpp"

namespace kiroku {
namespace {

using audit::PartitionAudit;

const Instant now{std::chrono::seconds{1'700'000'000}};

constexpr int partitions = 3;

/// A log that a real decider has written, and one key.
struct World {
    World() {
        keys.push_back(crypto::SigningKey::generate());
        test::make_topics(test::kafka_server(), context.name, partitions);
        goes_on();
    }
    ~World() { std::filesystem::remove_all(state); }

    /// Some more commands are decided.
    void goes_on() const {
        std::jthread decider{[this](const std::stop_token& stop) {
            commands::run_decider({&context, 1}, {test::kafka_server(), state, context.name}, stop);
        }};
        commands::CommandClient client{{.bootstrap = test::kafka_server(), .name = context.name}};
        for (int count = 0; count < 60; ++count) {
            const auto counter = uuid_v5({}, std::to_string(count % 7));
            const auto answer = client.send_and_wait(
                test::add(context.name, counter, count % 5, CommandId{random_uuid_v7()}), std::chrono::seconds{20});
            REQUIRE(answer.outcome == commands::Answer::Outcome::decided);
        }
    }

    std::vector<PartitionAudit> audited(std::function<void(const audit::Progress&)> on_progress = {}) const {
        return audit::audit({test::kafka_server(), {context.name}, keys, std::move(on_progress)}, {});
    }
    void sign(std::span<const PartitionAudit> audits) const { audit::sign(test::kafka_server(), audits, keys[0], now); }

    /// The first finding of each partition, without what it says of other tests' checkpoints.
    std::vector<std::string> findings() const {
        std::vector<std::string> found;
        for (const auto& one : audited()) {
            auto& first = found.emplace_back();
            for (const auto& [offset, what] : one.findings())
                if (first.empty() && !what.starts_with("untrusted_checkpoint")) first = what.substr(0, what.find(':'));
        }
        return found;
    }

    commands::Context context = test::counter_context();
    std::filesystem::path state = std::filesystem::temp_directory_path() / ("kiroku-" + context.name);
    std::vector<crypto::SigningKey> keys;
};

/// An audit of a partition with another history than the log's: so many records.
PartitionAudit of_another_history(const PartitionAudit& audit, std::int64_t records) {
    PartitionAudit other{audit.partition()};
    const auto fence = log::fence_record(audit.partition().context, "other", now);
    for (std::int64_t offset = 0; offset < records; ++offset) {
        other.take({.topic = "", .partition = 0, .offset = Offset{offset}, .timestamp = {}, .key = {}, .value = fence});
    }
    return other;
}

const std::vector<std::string> nothing(partitions);

TEST_SUITE("an audit") {
TEST_CASE("finds nothing in a sound log, counts it, and tells how far it is") {
    World world;
    audit::Progress last;
    const auto audits = world.audited([&](const auto& progress) { last = progress; });
    REQUIRE(audits.size() == partitions);
    std::uint64_t records = 0;
    for (const auto& one : audits) {
        CHECK(one.counts().records == static_cast<std::uint64_t>(one.next().value));
        CHECK(one.counts().events > 0);
        records += one.counts().records;
    }
    CHECK(last.done == records);
    CHECK(last.all == records);
    CHECK(world.findings() == nothing);
}

TEST_CASE("a record that nobody of ours has written is found where it lies") {
    World world;
    kafka::Producer producer{test::kafka_server(), [](const kafka::Delivery&) {}};
    REQUIRE(producer.send(log::event_topic(world.context.name), 2, "key", "{", 1));
    REQUIRE(producer.flush(20'000));
    CHECK(world.findings() == std::vector<std::string>{"", "", "unreadable_record"});
}

TEST_CASE("what was signed holds as long as the log only grows") {
    World world;
    world.sign(world.audited());
    CHECK(world.findings() == nothing);
    world.goes_on();
    world.sign(world.audited());
    CHECK(world.findings() == nothing);
}

TEST_CASE("a history that isn't what was signed is found") {
    World world;
    const auto audits = world.audited();
    const auto signs = [&](std::int64_t records) {
        const auto other = of_another_history(audits[1], records);
        world.sign({&other, 1});
        return world.findings();
    };
    SUBCASE("rewritten") { CHECK(signs(5) == std::vector<std::string>{"", "rewritten", ""}); }
    SUBCASE("cut off") { CHECK(signs(audits[1].next().value + 5) == std::vector<std::string>{"", "cut_off", ""}); }
}

TEST_CASE("a signature by nobody known is told") {
    World world;
    audit::sign(test::kafka_server(), world.audited(), crypto::SigningKey::generate(), now);
    for (const auto& one : world.audited()) {
        REQUIRE_FALSE(one.findings().empty());
        CHECK(one.findings().back().what.find("a key that isn't here") != std::string::npos);
    }
}

TEST_CASE("asked to stop, it stops") {
    const World world;
    std::stop_source stop;
    stop.request_stop();
    CHECK(audit::audit({test::kafka_server(), {world.context.name}, world.keys}, stop.get_token()).empty());
}
}

}  // namespace
}  // namespace kiroku
