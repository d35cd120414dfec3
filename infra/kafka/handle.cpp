#include "infra/kafka/handle.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <thread>

namespace kiroku::kafka {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view over_tls = "ssl://";
constexpr int metadata_timeout_ms = 5000;
constexpr int one_answer_ms = 1000;
constexpr int metadata_attempts = 20;
constexpr std::chrono::milliseconds between_attempts{100};

void set(rd_kafka_conf_t* conf, const Setting& setting) {
    std::array<char, 256> why{};
    if (rd_kafka_conf_set(conf, setting.first, setting.second.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
        throw BrokerError(fmt::format("Kafka client setting {}={}: {}", setting.first, setting.second, why.data()));
    }
}

/// The first or the next offset. Not by `rd_kafka_query_watermark_offsets`: librdkafka 2.0 doesn't count attempts that
/// it could not even send, so that one asks a broker that is down for as long as it is down.
Offset end_of(rd_kafka_t* client, const TopicPartition& where, std::int64_t which) {
    const auto list = list_of({where});
    list->elems[0].offset = which;
    const auto doing = fmt::format("asking for the end of {}/{}", where.topic, where.partition);
    expect_success(rd_kafka_offsets_for_times(client, list.get(), one_answer_ms), doing);
    expect_success(list->elems[0].err, doing);
    return Offset{list->elems[0].offset};
}

/// Asks any broker; the client remembers who leads each partition. 0: the topic isn't known there.
int ask_about(rd_kafka_t* client, const std::string& topic, int timeout_ms) {
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
    const struct rd_kafka_metadata* metadata = nullptr;
    const auto code = rd_kafka_metadata(client, 0, handle, &metadata, timeout_ms);
    rd_kafka_topic_destroy(handle);
    expect_success(code, "asking for topic " + topic);
    const int partitions = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    return partitions;
}

void log_line(const rd_kafka_t*, int level, const char* facility, const char* text) {
    if (level <= 3) {
        spdlog::warn("kafka {}: {}", facility, text);
    } else {
        spdlog::debug("kafka {}: {}", facility, text);
    }
}

}  // namespace

Conf configuration(const std::string& bootstrap, std::initializer_list<Setting> more) {
    Conf conf{rd_kafka_conf_new()};
    const bool encrypted = bootstrap.starts_with(over_tls);
    if (encrypted) set(conf.get(), {"security.protocol", "ssl"});
    set(conf.get(), {"bootstrap.servers", bootstrap.substr(encrypted ? over_tls.size() : 0)});
    set(conf.get(), {"client.id", "kiroku"});
    set(conf.get(), {"socket.nagle.disable", "true"});
    set(conf.get(), {"topic.metadata.refresh.interval.ms", "10000"});
    set(conf.get(), {"socket.timeout.ms", "10000"});
    set(conf.get(), {"reconnect.backoff.ms", "20"});
    set(conf.get(), {"reconnect.backoff.max.ms", "1000"});
    set(conf.get(), {"log.connection.close", "false"});
    for (const auto& setting : more) set(conf.get(), setting);
    rd_kafka_conf_set_log_cb(conf.get(), log_line);
    return conf;
}

List list_of(const std::vector<TopicPartition>& partitions) {
    List list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
    for (const auto& [topic, partition] : partitions) {
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    }
    return list;
}

void expect_success(rd_kafka_resp_err_t code, const std::string& doing) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw BrokerError(fmt::format("while {}: {}", doing, rd_kafka_err2str(code)));
}

int partitions_of(rd_kafka_t* client, const std::string& topic) {
    // A broker needs a moment to know a topic that was made just now.
    for (int attempt = 0; attempt < metadata_attempts; ++attempt) {
        if (attempt > 0) std::this_thread::sleep_for(between_attempts);
        const int partitions = ask_about(client, topic, metadata_timeout_ms);
        if (partitions > 0) return partitions;
    }
    throw BrokerError(fmt::format("topic {} doesn't exist: run `kiroku topics` first", topic));
}

Watermarks watermarks(rd_kafka_t* client, const TopicPartition& where, std::chrono::milliseconds within) {
    const auto give_up = steady_clock::now() + within;
    for (bool again = false;; again = true) {
        try {
            // Else a client without a topic of its own learns of a new leader only when what it remembers has grown
            // old.
            if (again) static_cast<void>(ask_about(client, where.topic, one_answer_ms));
            return {end_of(client, where, RD_KAFKA_OFFSET_BEGINNING), end_of(client, where, RD_KAFKA_OFFSET_END)};
        } catch (const BrokerError&) {
            if (steady_clock::now() >= give_up) throw;
        }
        std::this_thread::sleep_for(between_attempts);
    }
}

void wake_on(rd_kafka_queue_t* queue, int fd) {
    static constexpr std::uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof one);
    rd_kafka_queue_destroy(queue);
}

}  // namespace kiroku::kafka
