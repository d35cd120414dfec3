#include "infra/kafka/producer.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {

struct Producer::Handle {
    OnDelivery on_delivery;
    rd_kafka_t* client = nullptr;
    std::map<std::string, rd_kafka_topic_t*, std::less<>> topics;

    ~Handle() {
        for (const auto& [name, topic] : topics) rd_kafka_topic_destroy(topic);
        if (client == nullptr) return;
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }

    rd_kafka_topic_t* topic(const std::string& name) {
        auto& known = topics[name];
        if (known == nullptr) known = rd_kafka_topic_new(client, name.c_str(), nullptr);
        return known;
    }

    static void report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        Delivery delivery{.tag = reinterpret_cast<std::uintptr_t>(message->_private),
                          .partition = message->partition,
                          .offset = Offset{message->offset},
                          .delivered = message->err == RD_KAFKA_RESP_ERR_NO_ERROR,
                          .perhaps = rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED,
                          .error = {}};
        if (!delivery.delivered) delivery.error = rd_kafka_err2str(message->err);
        static_cast<Handle*>(self)->on_delivery(delivery);
    }
};

Producer::Producer(std::string bootstrap, OnDelivery on_delivery, double linger_ms)
    : handle_(std::make_unique<Handle>()) {
    handle_->on_delivery = std::move(on_delivery);
    auto conf = configuration(bootstrap, {{"enable.idempotence", "true"},
                                          {"acks", "all"},
                                          {"linger.ms", fmt::format("{}", linger_ms)},
                                          {"message.timeout.ms", "10000"},
                                          {"request.timeout.ms", "8000"},
                                          {"retry.backoff.ms", "20"},
                                          {"message.max.bytes", "2000000"},
                                          {"queue.buffering.max.messages", "200000"},
                                          {"queue.buffering.max.kbytes", "262144"}});
    rd_kafka_conf_set_opaque(conf.get(), handle_.get());
    rd_kafka_conf_set_dr_msg_cb(conf.get(), Handle::report);
    std::array<char, 256> why{};
    handle_->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
    if (handle_->client == nullptr) throw BrokerError(fmt::format("can't create a Kafka producer: {}", why.data()));
    static_cast<void>(conf.release());
}

Producer::~Producer() = default;
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;

bool Producer::send(const std::string& topic, int partition, std::string_view key, std::string_view value,
                    std::uint64_t tag) {
    return rd_kafka_produce(handle_->topic(topic), partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                            value.size(), key.data(), key.size(),
                            reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag))) == 0;
}

void Producer::poll(int timeout_ms) { rd_kafka_poll(handle_->client, timeout_ms); }

bool Producer::flush(int timeout_ms) {
    return rd_kafka_flush(handle_->client, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::string Producer::fatal_error() const {
    std::array<char, 256> why{};
    const auto code = rd_kafka_fatal_error(handle_->client, why.data(), why.size());
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? std::string{} : std::string{why.data()};
}

int Producer::partitions_of(const std::string& topic) { return kafka::partitions_of(handle_->client, topic); }

Watermarks Producer::watermarks(const TopicPartition& where) { return kafka::watermarks(handle_->client, where); }

void Producer::wake(int fd) { wake_on(rd_kafka_queue_get_main(handle_->client), fd); }

void Producer::purge() { rd_kafka_purge(handle_->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); }

}  // namespace kiroku::kafka
