// tests/integration/kafka/consumer_test.cpp: a reader that changes its pace or its partitions loses nothing and repeats
// nothing.
#include "infra/kafka/consumer.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "infra/kafka/admin.hpp"
#include "infra/kafka/producer.hpp"
#include "tests/support/servers.hpp"

namespace kiroku {
namespace {

constexpr int partitions = 2;
constexpr int at_once = 25;
constexpr std::chrono::milliseconds between{2};
constexpr std::chrono::seconds patience{30};

/// 25,000 records a second, in small batches, until told to stop.
class Stream {
public:
    explicit Stream(std::string topic)
        : topic_(std::move(topic)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

    std::int64_t end() {
        thread_.request_stop();
        thread_.join();
        return sent_;
    }

private:
    void run(const std::stop_token& stop) {
        kafka::Producer producer{test::kafka_server(), [](const kafka::Delivery&) {}};
        while (!stop.stop_requested()) {
            for (int record = 0; record < partitions * at_once; ++record)
                REQUIRE(producer.send(topic_, record % partitions, "key", "value", 1));
            sent_ += partitions * at_once;
            producer.poll();
            std::this_thread::sleep_for(between);
        }
        REQUIRE(producer.flush(10'000));
    }

    std::string topic_;
    std::atomic<std::int64_t> sent_ = 0;
    std::jthread thread_;
};

/// What was read, each offset in its turn.
struct Reading {
    explicit Reading(kafka::Consumer& from) : consumer(from) {}

    void poll() {
        const auto message = consumer.poll(0);
        if (message.kind() != kafka::Message::Kind::record) return std::this_thread::yield();
        const auto record = message.record();
        if (record.offset != next[record.partition]) in_order = false;
        ++next[record.partition].value;
        ++records;
    }
    /// False: it didn't happen in time.
    template <class Condition>
    bool until(const Condition& condition) {
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (!condition() && std::chrono::steady_clock::now() < give_up) poll();
        return condition();
    }

    kafka::Consumer& consumer;
    std::map<int, Offset> next;
    std::int64_t records = 0;
    bool in_order = true;
};

void read_through_changes(kafka::Consumer& consumer, const std::string& topic) {
    Reading reading{consumer};
    Stream stream{topic};
    CHECK(reading.until([&] { return consumer.gathers(); }));
    const auto before = reading.records;
    CHECK(reading.until([&] { return reading.records > before + 20'000; }));
    const auto sent = stream.end();
    CHECK(reading.until([&] { return reading.records == sent && !consumer.gathers(); }));
    Stream again{topic};
    CHECK(reading.until([&] { return reading.records > sent + 20'000; }));
    const auto all = sent + again.end();
    CHECK(reading.until([&] { return reading.records == all; }));
    CHECK(reading.in_order);
}

std::vector<kafka::Start> starts_of(const std::string& topic) {
    std::vector<kafka::Start> starts;
    for (int number = 0; number < partitions; ++number) starts.push_back({{topic, number}, Offset{0}});
    return starts;
}

}  // namespace

TEST_SUITE("a consumer") {
TEST_CASE("gathers while many records come, and reads each once and in order all the time") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
    kafka::Consumer consumer{test::kafka_server()};
    consumer.assign(starts_of(topic));
    read_through_changes(consumer, topic);
}

TEST_CASE("as a member of a group, too, and stays one") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
    std::vector<kafka::TopicPartition> mine;
    int rebalances = 0;
    const auto member = [&](auto assigned) {
        return kafka::Membership{.group = topic, .instance = {}, .assigned = assigned, .revoked = [](const auto&) {}};
    };
    kafka::Consumer consumer{test::kafka_server(), {topic}, member([&](const auto& partitions_given) {
                                 mine = partitions_given;
                                 ++rebalances;
                                 if (rebalances == 1) consumer.assign(starts_of(topic));
                                 if (rebalances > 1) consumer.assign({});
                             })};
    Reading reading{consumer};
    REQUIRE(reading.until([&] { return rebalances == 1; }));
    read_through_changes(consumer, topic);
    CHECK(rebalances == 1);
    // While it gathers it keeps offsets as ever, and hears of another member that comes.
    Stream stream{topic};
    CHECK(reading.until([&] { return consumer.gathers(); }));
    consumer.commit({{{topic, 1}, Offset{4711}, "note"}}, true);
    const auto kept = consumer.committed({{topic, 1}});
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].offset == Offset{4711});
    kafka::Consumer other{test::kafka_server(), {topic}, member([&](const auto&) { other.assign({}); })};
    CHECK(reading.until([&] { return static_cast<void>(other.poll(0)), rebalances > 1; }));
    CHECK(mine.size() == 1);
    CHECK_FALSE(consumer.gathers());
    stream.end();
}

TEST_CASE("a member that is shut out for good joins anew") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
    int given = 0, revoked = 0;
    const auto same = [&](int& count) {
        return kafka::Membership{.group = topic,
                                 .instance = topic + "-one",
                                 .assigned = [&count](const auto&) { ++count; },
                                 .revoked = [&](const auto&) { ++revoked; }};
    };
    const auto until = [](kafka::Consumer& consumer, const auto& done) {
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < give_up) static_cast<void>(consumer.poll(20));
        return done();
    };
    kafka::Consumer consumer{test::kafka_server(), {topic}, same(given)};
    REQUIRE(until(consumer, [&] { return given == 1; }));
    int given_to_other = 0;
    {
        kafka::Consumer other{test::kafka_server(), {topic}, same(given_to_other)};
        REQUIRE(until(other, [&] { return given_to_other == 1; }));
    }
    CHECK(until(consumer, [&] { return given == 2; }));
    CHECK(revoked >= 1);
}

TEST_CASE("reads one more and one less, and the others go on") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
    kafka::Consumer consumer{test::kafka_server()};
    consumer.add({{topic, 0}, Offset{0}});
    Reading reading{consumer};
    for (int number = 0; number < partitions; ++number) reading.next[number] = Offset{0};
    Stream stream{topic};
    for (int turn = 0; turn < 20; ++turn) {
        consumer.add({{topic, 1}, reading.next[1]});
        const auto before = reading.next;
        CHECK(reading.until([&] { return reading.next[0] > before.at(0) && reading.next[1] > before.at(1); }));
        consumer.drop({topic, 1});
        const auto left = reading.next;
        CHECK(reading.until([&] { return reading.next[0].value > left.at(0).value + 200; }));
        CHECK(reading.next[1] == left.at(1));
    }
    CHECK(reading.in_order);
    stream.end();
    CHECK_THROWS_AS(consumer.drop({topic, 1}), kafka::BrokerError);
    CHECK_THROWS_AS(consumer.add({{topic, 0}, Offset{0}}), kafka::BrokerError);
}

TEST_CASE("outlives assignments that follow each other at once") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, partitions, {}}, 1);
    kafka::Consumer consumer{test::kafka_server()};
    for (int turn = 0; turn < 5'000; ++turn) consumer.assign(starts_of(topic));
    Reading reading{consumer};
    Stream stream{topic};
    CHECK(reading.until([&] { return reading.records > 1'000; }));
    const auto sent = stream.end();
    CHECK(reading.until([&] { return reading.records == sent; }));
    CHECK(reading.in_order);
}
}

}  // namespace kiroku
