#include "infra/kafka/partition_ends.hpp"

#include <fmt/format.h>

#include <array>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {
namespace {

constexpr const char* request_timeout_ms = "1000";

}  // namespace

struct PartitionEnds::Handle {
    rd_kafka_t* client = nullptr;

    ~Handle() {
        if (client != nullptr) rd_kafka_destroy(client);
    }
};

PartitionEnds::PartitionEnds(const std::string& bootstrap) : handle_(std::make_unique<Handle>()) {
    auto conf =
        configuration(bootstrap, {{"socket.timeout.ms", request_timeout_ms}, {"message.send.max.retries", "0"}});
    std::array<char, 256> why{};
    handle_->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
    if (handle_->client == nullptr) throw BrokerError(fmt::format("can't create a Kafka client: {}", why.data()));
    static_cast<void>(conf.release());
}

PartitionEnds::~PartitionEnds() = default;

Watermarks PartitionEnds::of(const TopicPartition& where) { return watermarks(handle_->client, where); }

}  // namespace kiroku::kafka
