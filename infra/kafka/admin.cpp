#include "infra/kafka/admin.hpp"

#include <fmt/format.h>

#include <array>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {
namespace {

constexpr int answer_timeout_ms = 20'000;

struct DestroyEvent {
    void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
using Event = std::unique_ptr<rd_kafka_event_t, DestroyEvent>;

}  // namespace

struct Admin::Handle {
    rd_kafka_t* client = nullptr;
    rd_kafka_queue_t* queue = nullptr;

    ~Handle() {
        if (queue != nullptr) rd_kafka_queue_destroy(queue);
        if (client != nullptr) rd_kafka_destroy(client);
    }

    Event answer(const std::string& doing) const {
        Event event{rd_kafka_queue_poll(queue, answer_timeout_ms)};
        if (!event) throw BrokerError(fmt::format("while {}: no answer", doing));
        expect_success(rd_kafka_event_error(event.get()), doing);
        return event;
    }
};

Admin::Admin(const std::string& bootstrap) : handle_(std::make_unique<Handle>()) {
    auto conf = configuration(bootstrap, {});
    std::array<char, 256> why{};
    handle_->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
    if (handle_->client == nullptr) throw BrokerError(fmt::format("can't create a Kafka client: {}", why.data()));
    static_cast<void>(conf.release());
    handle_->queue = rd_kafka_queue_new(handle_->client);
}

Admin::~Admin() = default;

int Admin::brokers(int timeout_ms) {
    const struct rd_kafka_metadata* metadata = nullptr;
    expect_success(rd_kafka_metadata(handle_->client, 0, nullptr, &metadata, timeout_ms), "looking for a Kafka broker");
    const int brokers = metadata->broker_cnt;
    rd_kafka_metadata_destroy(metadata);
    return brokers;
}

bool Admin::create(const TopicPlan& plan, int replicas) {
    std::array<char, 256> why{};
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions, replicas, why.data(), why.size());
    if (topic == nullptr) throw BrokerError(fmt::format("topic {}: {}", plan.name, why.data()));
    for (const auto& [name, value] : plan.settings) rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
    rd_kafka_CreateTopics(handle_->client, &topic, 1, nullptr, handle_->queue);
    rd_kafka_NewTopic_destroy(topic);
    const auto event = handle_->answer("creating topic " + plan.name);
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    const auto code = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return false;
    expect_success(code, "creating topic " + plan.name);
    return true;
}

/// What Kafka is told replaces all that a topic has of its own.
void Admin::change(const std::string& name, const std::map<std::string, std::string>& settings) {
    auto all = describe(name).own_settings;
    for (const auto& [key, value] : settings) all[key] = value;
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
    for (const auto& [key, value] : all) rd_kafka_ConfigResource_set_config(resource, key.c_str(), value.c_str());
    rd_kafka_AlterConfigs(handle_->client, &resource, 1, nullptr, handle_->queue);
    rd_kafka_ConfigResource_destroy(resource);
    const auto doing = "changing the settings of topic " + name;
    const auto event = handle_->answer(doing);
    std::size_t count = 0;
    const auto* results =
        rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
    expect_success(count == 1 ? rd_kafka_ConfigResource_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN, doing);
}

Admin::Topic Admin::describe(const std::string& name) {
    Topic topic{.partitions = partitions_of(handle_->client, name), .settings = {}, .own_settings = {}};
    rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
    rd_kafka_DescribeConfigs(handle_->client, &resource, 1, nullptr, handle_->queue);
    rd_kafka_ConfigResource_destroy(resource);
    const auto event = handle_->answer("reading the settings of topic " + name);
    std::size_t count = 0;
    const auto* resources =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count != 1) throw BrokerError("no settings of topic " + name);
    expect_success(rd_kafka_ConfigResource_error(resources[0]), "reading the settings of topic " + name);
    const auto* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    for (std::size_t i = 0; i < count; ++i) {
        const char* value = rd_kafka_ConfigEntry_value(entries[i]);
        const std::string key = rd_kafka_ConfigEntry_name(entries[i]);
        topic.settings[key] = value == nullptr ? "" : value;
        if (rd_kafka_ConfigEntry_source(entries[i]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
            topic.own_settings[key] = topic.settings[key];
    }
    return topic;
}

}  // namespace kiroku::kafka
