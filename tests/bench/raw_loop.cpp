// tests/bench/raw_loop.cpp: the limit of any command path on Kafka: produce a command, consume it, produce an event and
// a reply, consume the reply. Idempotent producers, acks=all, no linger; no HTTP, no checks, no proof, nothing
// remembered.
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "infra/kafka/admin.hpp"
#include "infra/log/topics.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/latencies.hpp"
#include "tests/bench/raw_kafka.hpp"

namespace kiroku::bench {
namespace {

constexpr int partitions = log::default_partitions;
constexpr std::size_t record_bytes = 200;
constexpr int patience_ms = 100;

/// Three topics of our own, gone at the end.
class Topics {
public:
    explicit Topics(const std::string& bootstrap)
        : bootstrap_(bootstrap), prefix_("bench-raw-" + std::to_string(::getpid())) {
        kafka::Admin admin{bootstrap};
        admin.brokers(metadata_patience_ms);
        for (const auto& name : {commands(), events(), replies()}) admin.create({name, partitions, {}}, 1);
    }
    ~Topics() {
        const auto client = raw_client(RD_KAFKA_PRODUCER, bootstrap_, {});
        const std::array topics{rd_kafka_DeleteTopic_new(commands().c_str()),
                                rd_kafka_DeleteTopic_new(events().c_str()),
                                rd_kafka_DeleteTopic_new(replies().c_str())};
        rd_kafka_queue_t* answers = rd_kafka_queue_new(client.get());
        auto asked = topics;
        rd_kafka_DeleteTopics(client.get(), asked.data(), asked.size(), nullptr, answers);
        if (rd_kafka_event_t* answer = rd_kafka_queue_poll(answers, metadata_patience_ms))
            rd_kafka_event_destroy(answer);
        rd_kafka_queue_destroy(answers);
        for (auto* topic : topics) rd_kafka_DeleteTopic_destroy(topic);
    }
    Topics(const Topics&) = delete;
    Topics& operator=(const Topics&) = delete;

    [[nodiscard]] std::string commands() const { return prefix_ + ".commands"; }
    [[nodiscard]] std::string events() const { return prefix_ + ".events"; }
    [[nodiscard]] std::string replies() const { return prefix_ + ".replies"; }

private:
    std::string bootstrap_;
    std::string prefix_;
};

/// What stands in for a decider: each command becomes an event beside it and a reply.
void answer_all(const std::string& bootstrap, const Topics& topics, std::atomic<bool>& ready,
                const std::atomic<bool>& stop) {
    const RawProducer producer{bootstrap};
    const auto events = producer.topic(topics.events());
    const auto replies = producer.topic(topics.replies());
    const auto consumer = raw_consumer(bootstrap);
    RawReader reader{consumer.get()};
    read_from(consumer.get(), topics.commands(), 0, partitions, RD_KAFKA_OFFSET_BEGINNING);
    ready = true;
    while (!stop) {
        reader.take(patience_ms, [&](const rd_kafka_message_t& command) {
            RawProducer::send(events, command.partition, command.payload, command.len, command.key, command.key_len);
            RawProducer::send(replies, 0, command.payload, command.len, nullptr, 0);
        });
    }
}

/// Keeps so many commands in flight, each sent when the one before it was answered.
class Asker {
public:
    Asker(const std::string& bootstrap, const Topics& topics, int in_flight)
        : producer_(bootstrap),
          commands_(producer_.topic(topics.commands())),
          consumer_(raw_consumer(bootstrap)),
          began_(static_cast<std::size_t>(in_flight)) {
        read_from(consumer_.get(), topics.replies(), 0, 1, RD_KAFKA_OFFSET_BEGINNING);
    }

    /// Until each partition has carried one: a topic made just now needs a while, and nothing of that is to be
    /// measured.
    void begin() {
        RawReader reader{consumer_.get()};
        for (int number = 0; number < partitions; ++number) send(0);
        for (int answers = 0; answers < partitions;) {
            reader.take(patience_ms, [&](const rd_kafka_message_t&) { ++answers; });
        }
    }

    Latencies ask(const Window& window) {
        Latencies latencies;
        RawReader reader{consumer_.get()};
        for (std::uint32_t slot = 0; slot < began_.size(); ++slot) send(slot);
        while (Clock::now() < window.to) {
            reader.take(patience_ms, [&](const rd_kafka_message_t& reply) {
                std::uint32_t slot = 0;
                std::memcpy(&slot, reply.payload, sizeof slot);
                const auto now = Clock::now();
                if (window.holds(now)) latencies.add(now - began_[slot]);
                send(slot);
            });
        }
        return latencies;
    }

    /// Warming up included.
    [[nodiscard]] std::uint64_t answered() const { return sent_ - began_.size(); }

private:
    void send(std::uint32_t slot) {
        std::array<char, record_bytes> value{};
        std::array<char, 36> key{};
        std::memcpy(value.data(), &slot, sizeof slot);
        began_[slot] = Clock::now();
        RawProducer::send(commands_, static_cast<int>(++sent_ % partitions), value.data(), value.size(), key.data(),
                          key.size());
    }

    RawProducer producer_;
    RawTopic commands_;
    RawClient consumer_;
    std::vector<Clock::time_point> began_;
    std::uint64_t sent_ = 0;
};

std::string measure(const Arguments& arguments) {
    const auto bootstrap = arguments.text("kafka");
    const Topics topics{bootstrap};
    std::atomic<bool> ready{false}, stop{false};
    Asker asker{bootstrap, topics, arguments.count("in-flight", 1)};
    std::jthread decider{[&] { answer_all(bootstrap, topics, ready, stop); }};
    while (!ready) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    asker.begin();
    const auto window = Window::after(arguments.number("warm", 1), arguments.number("seconds", 5));
    const auto cpu = own_cpu_seconds();
    const auto latencies = asker.ask(window);
    stop = true;
    return fmt::format(R"({{{},"total":{},"clientCpu":{:.3f}}})", latencies.members(window.length()), asker.answered(),
                       own_cpu_seconds() - cpu);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
