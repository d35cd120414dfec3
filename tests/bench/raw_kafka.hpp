// tests/bench/raw_kafka.hpp: librdkafka as bare as it gets, for the limits that everything else is compared with.
#pragma once

#include <librdkafka/rdkafka.h>

#include <array>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace kiroku::bench {

struct DestroyClient {
    void operator()(rd_kafka_t* client) const {
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
};
using RawClient = std::unique_ptr<rd_kafka_t, DestroyClient>;

struct DestroyTopic {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using RawTopic = std::unique_ptr<rd_kafka_topic_t, DestroyTopic>;

using OnReport = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);

inline RawClient raw_client(rd_kafka_type_t type, const std::string& bootstrap,
                            std::initializer_list<std::pair<const char*, const char*>> settings,
                            OnReport on_report = nullptr) {
    std::array<char, 256> why{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), nullptr, 0);
    rd_kafka_conf_set(conf, "socket.nagle.disable", "true", nullptr, 0);
    rd_kafka_conf_set(conf, "log_level", "3", nullptr, 0);  // a broker that has just started makes clients try again
    for (const auto& [name, value] : settings) {
        if (rd_kafka_conf_set(conf, name, value, why.data(), why.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(why.data());
    }
    if (on_report != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_t* client = rd_kafka_new(type, conf, why.data(), why.size());
    if (client == nullptr) throw std::runtime_error(why.data());
    if (type == RD_KAFKA_CONSUMER) rd_kafka_poll_set_consumer(client);
    return RawClient{client};
}

constexpr int metadata_patience_ms = 10'000;

/// Known to the client when it returns: librdkafka 2.0 may be a second late with the first record otherwise.
inline RawTopic raw_topic(rd_kafka_t* client, const std::string& name) {
    RawTopic topic{rd_kafka_topic_new(client, name.c_str(), nullptr)};
    const struct rd_kafka_metadata* metadata = nullptr;
    rd_kafka_metadata(client, 0, topic.get(), &metadata, metadata_patience_ms);
    if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
    return topic;
}

class RawProducer {
public:
    explicit RawProducer(const std::string& bootstrap)
        : client_(raw_client(RD_KAFKA_PRODUCER, bootstrap,
                             {{"enable.idempotence", "true"}, {"acks", "all"}, {"linger.ms", "0"}})) {}

    [[nodiscard]] RawTopic topic(const std::string& name) const { return raw_topic(client_.get(), name); }

    static void send(const RawTopic& topic, int partition, const void* value, std::size_t size, const void* key,
                     std::size_t key_size) {
        if (rd_kafka_produce(topic.get(), partition, RD_KAFKA_MSG_F_COPY, const_cast<void*>(value), size, key, key_size,
                             nullptr) != 0) {
            throw std::runtime_error("a record can't be sent");
        }
    }

private:
    RawClient client_;
};

/// Its queue is never full: librdkafka 2.0 stops fetching for up to a second whenever it is.
inline RawClient raw_consumer(const std::string& bootstrap, const std::string& isolation = "read_uncommitted",
                              const std::string& group = "bench") {
    return raw_client(RD_KAFKA_CONSUMER, bootstrap,
                      {{"group.id", group.c_str()},
                       {"enable.auto.commit", "false"},
                       {"isolation.level", isolation.c_str()},
                       {"queued.min.messages", "1000000"},
                       {"queued.max.messages.kbytes", "1048576"}});
}

/// Reads these partitions of a topic from `offset` (or RD_KAFKA_OFFSET_BEGINNING, _END) on.
inline void read_from(rd_kafka_t* consumer, const std::string& topic, int first, int partitions, std::int64_t offset) {
    auto* list = rd_kafka_topic_partition_list_new(partitions);
    for (int number = first; number < first + partitions; ++number) {
        rd_kafka_topic_partition_list_add(list, topic.c_str(), number)->offset = offset;
    }
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/// Takes what has been fetched: waits for the first record up to `timeout_ms`, then takes the rest in batches.
class RawReader {
public:
    explicit RawReader(rd_kafka_t* consumer) : consumer_(consumer), queue_(rd_kafka_queue_get_consumer(consumer)) {}
    ~RawReader() { rd_kafka_queue_destroy(queue_); }
    RawReader(const RawReader&) = delete;
    RawReader& operator=(const RawReader&) = delete;

    template <class OnRecord>
    void take(int timeout_ms, const OnRecord& on_record) {
        rd_kafka_message_t* first = rd_kafka_consumer_poll(consumer_, timeout_ms);
        if (first == nullptr) return;
        handle(first, on_record);
        const auto count = rd_kafka_consume_batch_queue(queue_, 0, batch_.data(), batch_.size());
        for (ssize_t at = 0; at < count; ++at) handle(batch_[static_cast<std::size_t>(at)], on_record);
    }

private:
    template <class OnRecord>
    void handle(rd_kafka_message_t* message, const OnRecord& on_record) {
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) on_record(*message);
        rd_kafka_message_destroy(message);
    }

    rd_kafka_t* consumer_;
    rd_kafka_queue_t* queue_;
    std::array<rd_kafka_message_t*, 1000> batch_{};
};

}  // namespace kiroku::bench
