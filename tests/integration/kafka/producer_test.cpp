// tests/integration/kafka/producer_test.cpp: records in order, a batch a partition at a time, nothing held back for
// good.
#include "infra/kafka/producer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <thread>
#include <vector>

#include "infra/kafka/admin.hpp"
#include "infra/kafka/consumer.hpp"
#include "tests/support/servers.hpp"

namespace kiroku {
namespace {

constexpr int patience_ms = 20'000;

/// A topic of its own, and what became of the records sent there: by partition, the tags in the order of their offsets.
struct Written {
    explicit Written(int partitions) : topic{test::unused_name()} {
        kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
        REQUIRE(producer.partitions_of(topic) == partitions);
        kafka::Producer first{test::kafka_server(), [](const kafka::Delivery&) {}};  // a new partition takes its time
        for (int partition = 0; partition < partitions; ++partition)
            REQUIRE(first.send(topic, partition, "key", "value", 1));
        REQUIRE(first.flush(patience_ms));
        for (int partition = 0; partition < partitions; ++partition)
            next[partition] = reader.watermarks({topic, partition}).next.value;
    }
    void send(int partition, std::uint64_t tag) { REQUIRE(producer.send(topic, partition, "key", "value", tag)); }

    kafka::Consumer reader{test::kafka_server()};
    std::string topic;
    std::map<int, std::vector<std::uint64_t>> tags;
    std::map<int, std::int64_t> next;
    kafka::Producer producer{test::kafka_server(), [this](const kafka::Delivery& delivery) {
                                 CHECK(delivery.delivered);
                                 CHECK(delivery.offset.value == next[delivery.partition]++);
                                 tags[delivery.partition].push_back(delivery.tag);
                             }};
};

TEST_SUITE("a producer") {
TEST_CASE("what is sent while a batch is under way comes behind it, in order") {
    Written written{1};
    std::vector<std::uint64_t> sent;
    for (std::uint64_t tag = 1; tag <= 3'000; ++tag) {
        written.send(0, tag);
        sent.push_back(tag);
        if (tag % 7 == 0) written.producer.poll();
    }
    REQUIRE(written.producer.flush(patience_ms));
    CHECK(written.tags[0] == sent);
}

TEST_CASE("more partitions than may be under way at once all get their turn, by polling alone") {
    constexpr int partitions = 17;
    Written written{partitions};
    std::uint64_t tag = 0;
    for (int round = 0; round < 50; ++round) {
        for (int partition = 0; partition < partitions; ++partition) written.send(partition, ++tag);
    }
    const auto arrived = [&] {
        std::size_t sum = 0;
        for (const auto& [partition, tags] : written.tags) sum += tags.size();
        return sum;
    };
    for (int turns = 0; arrived() < tag && turns < 2'000; ++turns) written.producer.poll(10);
    CHECK(arrived() == tag);
    for (const auto& [partition, tags] : written.tags) CHECK(std::ranges::is_sorted(tags));
}

TEST_CASE("partitions that take nothing don't hold up the others") {
    constexpr int stuck = 7;
    const auto nowhere = test::unused_name();  // librdkafka waits for such a topic until a record's time is up
    const auto takes_all = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({takes_all, 1, {}}, 1);
    std::vector<kafka::Delivery> delivered;
    kafka::Producer producer{test::kafka_server(), [&](const kafka::Delivery& one) { delivered.push_back(one); }};
    for (int partition = 0; partition < stuck; ++partition)
        REQUIRE(producer.send(nowhere, partition, "key", "value", 1));
    const auto begun = std::chrono::steady_clock::now();
    producer.poll();
    const int patience = producer.patience(50);
    // Polling at once would change nothing, unless they count as stuck by now.
    if (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds{100}) CHECK(patience == 50);
    REQUIRE(producer.send(takes_all, 0, "key", "value", 2));
    for (int turns = 0; delivered.empty() && turns < 2'000; ++turns) producer.poll(10);
    REQUIRE(delivered.size() == 1);
    CHECK(delivered.front().tag == 2);
    CHECK(delivered.front().delivered);
    REQUIRE(producer.flush(patience_ms));
    REQUIRE(delivered.size() == 1 + stuck);
    for (auto one = delivered.begin() + 1; one != delivered.end(); ++one) {
        CHECK_FALSE(one->delivered);
        CHECK_FALSE(one->error.empty());
    }
}

TEST_CASE("after a large batch the next is gathered, and leaves when the owner's patience is over") {
    Written written{1};
    for (std::uint64_t round = 0; round < 3; ++round) {
        std::vector<std::uint64_t> sent = written.tags[0];
        for (std::uint64_t tag = 1; tag <= 40; ++tag) {
            written.send(0, round * 100 + tag);
            sent.push_back(round * 100 + tag);
        }
        REQUIRE(written.producer.flush(patience_ms));
        written.send(0, round * 100 + 50);
        sent.push_back(round * 100 + 50);
        const int left = written.producer.patience(60'000);
        CHECK(left <= 15);
        std::this_thread::sleep_for(std::chrono::milliseconds{left});
        written.producer.poll();
        CHECK(written.producer.patience(60'000) > 1'000);  // nothing is held any more
        REQUIRE(written.producer.flush(patience_ms));
        CHECK(written.tags[0] == sent);
    }
}

TEST_CASE("nothing is sent before a poll, and a flush says when there is no broker") {
    Written written{1};
    written.send(0, 1);
    CHECK(written.reader.watermarks({written.topic, 0}).next == Offset{1});
    written.producer.poll();
    REQUIRE(written.producer.flush(patience_ms));
    CHECK(written.reader.watermarks({written.topic, 0}).next == Offset{2});

    kafka::Producer nowhere{"127.0.0.1:1", [](const kafka::Delivery&) {}};
    REQUIRE(nowhere.send("anything", 0, "key", "value", 1));
    CHECK_FALSE(nowhere.flush(200));
}
}

}  // namespace
}  // namespace kiroku
