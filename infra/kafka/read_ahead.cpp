#include "infra/kafka/read_ahead.hpp"

namespace kiroku::kafka {

void ReadAhead::wake(rd_kafka_t* client, const std::vector<Start>& assigned) {
    const List list{rd_kafka_topic_partition_list_new(static_cast<int>(assigned.size()))};
    for (const auto& [where, offset] : assigned)
        rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset =
            RD_KAFKA_OFFSET_END;
    // Its answer comes too late, always; librdkafka drops it.
    static_cast<void>(rd_kafka_offsets_for_times(client, list.get(), 0));
}

}  // namespace kiroku::kafka
