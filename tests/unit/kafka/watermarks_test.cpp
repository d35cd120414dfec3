// tests/unit/kafka/watermarks_test.cpp: asking where a partition ends, of librdkafka's own brokers in memory, one of
// which is away.
#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <chrono>

#include "infra/kafka/consumer.hpp"

namespace kiroku {
namespace {

using namespace std::chrono_literals;

/// Two brokers; one leads the only partition, the other follows.
struct Brokers {
    Brokers() {
        std::array<char, 256> why{};
        client = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why.data(), why.size());
        brokers = rd_kafka_mock_cluster_new(client, 2);
        rd_kafka_mock_topic_create(brokers, "topic", 1, 2);
        lead(1);
    }
    ~Brokers() {
        rd_kafka_mock_cluster_destroy(brokers);
        rd_kafka_destroy(client);
    }
    void lead(int broker) { rd_kafka_mock_partition_set_leader(brokers, "topic", 0, broker); }
    void kill(int broker) { rd_kafka_mock_broker_set_down(brokers, broker); }

    rd_kafka_t* client = nullptr;
    rd_kafka_mock_cluster_t* brokers = nullptr;
};

std::chrono::steady_clock::duration time_of(const auto& action) {
    const auto began = std::chrono::steady_clock::now();
    action();
    return std::chrono::steady_clock::now() - began;
}

}  // namespace

TEST_SUITE("kafka/watermarks") {
TEST_CASE("another broker that leads now is found; while none does, the question ends") {
    Brokers brokers;
    kafka::Consumer consumer{rd_kafka_mock_cluster_bootstraps(brokers.brokers)};
    const auto ask = [&] { return consumer.watermarks({"topic", 0}, 2s); };
    CHECK(ask().next == Offset{0});
    brokers.kill(1);
    CHECK(time_of([&] { CHECK_THROWS_AS(ask(), kafka::BrokerError); }) < 20s);
    brokers.lead(2);
    CHECK(time_of([&] { CHECK(ask().next == Offset{0}); }) < 20s);
}
}

}  // namespace kiroku
