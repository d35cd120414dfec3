// infra/kafka/handle.hpp: librdkafka's objects and settings, for this folder only.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {

struct DestroyConf {
    void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

struct DestroyList {
    void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

using Setting = std::pair<const char*, std::string>;

/// The settings that every client here has, and `more`. Throws BrokerError for one that librdkafka doesn't know.
Conf configuration(const std::string& bootstrap, std::initializer_list<Setting> more);

List list_of(const std::vector<TopicPartition>& partitions);

/// Throws BrokerError unless `code` is success; `doing` completes "while …".
void expect_success(rd_kafka_resp_err_t code, const std::string& doing);

/// Partitions of a topic, by the broker's metadata; waits up to 5 s. Throws BrokerError.
int partitions_of(rd_kafka_t* client, const std::string& topic);

/// Asks the partition's leader, and who that is now if it doesn't answer. Throws BrokerError once the time is up.
Watermarks watermarks(rd_kafka_t* client, const TopicPartition& where, std::chrono::milliseconds within);

/// Writes to `fd` whenever `queue` (taken over) has something to be polled.
void wake_on(rd_kafka_queue_t* queue, int fd);

}  // namespace kiroku::kafka
