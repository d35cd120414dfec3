// tests/integration/kafka/read_ahead_test.cpp: a queue that was full and has room again is filled at once.
#include "infra/kafka/read_ahead.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "infra/kafka/admin.hpp"
#include "infra/kafka/producer.hpp"
#include "tests/support/servers.hpp"

using namespace kiroku;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t record_bytes = 100'000;
constexpr int records = 700;  // several queues full
constexpr std::chrono::seconds patience{20};

using Client = std::unique_ptr<rd_kafka_t, decltype([](rd_kafka_t* client) {
                                   rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
                               })>;
using Queue =
    std::unique_ptr<rd_kafka_queue_t, decltype([](rd_kafka_queue_t* queue) { rd_kafka_queue_destroy(queue); })>;

class Reader {
public:
    explicit Reader(std::vector<kafka::Start> starts) : starts_(std::move(starts)) {
        auto conf = kafka::configuration(
            test::kafka_server(),
            {{"group.id", "reader"}, {"queued.max.messages.kbytes", kafka::ReadAhead::most_kbytes}});
        client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), nullptr, 0));
        rd_kafka_poll_set_consumer(client_.get());
        queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
        const kafka::List list{rd_kafka_topic_partition_list_new(1)};
        for (const auto& [where, offset] : starts_)
            rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = offset.value;
        rd_kafka_assign(client_.get(), list.get());
    }

    void take(std::size_t bytes, kafka::ReadAhead& read_ahead) {
        for (std::size_t taken = 0; taken < bytes;) {
            auto* message = rd_kafka_consumer_poll(client_.get(), 1'000);
            if (message == nullptr) continue;
            REQUIRE(message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
            taken += message->len;
            read_ahead.took(message->len, client_.get(), starts_);
            rd_kafka_message_destroy(message);
        }
    }
    [[nodiscard]] std::size_t waiting() const { return rd_kafka_queue_length(queue_.get()); }

    void wait_until_full() const {
        const auto give_up = steady_clock::now() + patience;
        for (std::size_t before = 0; waiting() == 0 || waiting() != before; std::this_thread::sleep_for(50ms)) {
            REQUIRE(steady_clock::now() < give_up);
            before = waiting();
        }
    }

private:
    std::vector<kafka::Start> starts_;
    Client client_;
    Queue queue_;
};

void write_records(const std::string& topic) {
    kafka::Producer producer{test::kafka_server(), [](const kafka::Delivery&) {}};
    const std::string value(record_bytes, 'x');
    for (int record = 0; record < records; ++record) {
        while (!producer.send(topic, 0, "key", value, 1)) producer.poll(10);
        producer.poll();
    }
    REQUIRE(producer.flush(20'000));
}

}  // namespace

TEST_SUITE("reading ahead") {
TEST_CASE("a queue that was full is filled as soon as there is room, not when librdkafka looks again") {
    const auto topic = test::unused_name();
    kafka::Admin{test::kafka_server()}.create({topic, 1, {}}, 1);
    write_records(topic);
    Reader reader{{{{topic, 0}, Offset{0}}}};
    kafka::ReadAhead read_ahead;
    reader.wait_until_full();
    const auto full = reader.waiting();
    CHECK(full < 2UL * 16 * 1024 * 1024 / record_bytes);  // and not all of it
    auto waited = 0ns;
    for (int round = 0; round < 5; ++round) {
        reader.take(8 * 1024 * 1024, read_ahead);
        const auto begun = steady_clock::now();
        while (reader.waiting() < full * 9 / 10 && steady_clock::now() - begun < patience)
            std::this_thread::sleep_for(1ms);
        waited += steady_clock::now() - begun;
        reader.wait_until_full();
    }
    CHECK(waited < 1s);  // alone, it would look again within a second: five times half of that
}
}
