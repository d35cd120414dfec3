#include "infra/kafka/consumer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {
namespace {

constexpr int answer_timeout_ms = 5000;

// Once it has fetched so much ahead, librdkafka 2.0 fetches no more for up to a second: this is what can be read in
// one.
constexpr const char* queued_kbytes = "131072";

List list_of(const std::vector<Start>& starts) {
    List list{rd_kafka_topic_partition_list_new(static_cast<int>(starts.size()))};
    for (const auto& [where, offset] : starts) {
        rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = offset.value;
    }
    return list;
}

std::vector<TopicPartition> partitions_in(const rd_kafka_topic_partition_list_t& list) {
    std::vector<TopicPartition> partitions;
    for (int i = 0; i < list.cnt; ++i) partitions.push_back({list.elems[i].topic, list.elems[i].partition});
    return partitions;
}

}  // namespace

void Message::Destroy::operator()(rd_kafka_message_s* message) const { rd_kafka_message_destroy(message); }

Message::Kind Message::kind() const {
    if (!message_) return Kind::nothing;
    if (message_->err == RD_KAFKA_RESP_ERR_NO_ERROR) return Kind::record;
    return message_->err == RD_KAFKA_RESP_ERR__PARTITION_EOF ? Kind::end_of_partition : Kind::fault;
}

Record Message::record() const {
    rd_kafka_timestamp_type_t kind{};
    return {.topic = message_->rkt == nullptr ? "" : rd_kafka_topic_name(message_->rkt),
            .partition = message_->partition,
            .offset = Offset{message_->offset},
            .timestamp = Instant{std::chrono::milliseconds{rd_kafka_message_timestamp(message_.get(), &kind)}},
            .key = {static_cast<const char*>(message_->key), message_->key_len},
            .value = {static_cast<const char*>(message_->payload), message_->len}};
}

std::string Message::fault() const { return rd_kafka_message_errstr(message_.get()); }

bool Message::offset_lost() const {
    return message_->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
           message_->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
}

struct Consumer::Handle {
    Membership membership;
    rd_kafka_t* client = nullptr;

    ~Handle() {
        if (client == nullptr) return;
        if (!membership.group.empty()) {
            membership.assigned = nullptr;
            membership.revoked = nullptr;
            rd_kafka_consumer_close(client);
        }
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }

    static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                          void* self) {
        const auto& membership = static_cast<Handle*>(self)->membership;
        if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && membership.assigned) {
            membership.assigned(partitions_in(*list));
            return;
        }
        if (membership.revoked) membership.revoked(partitions_in(*list));
        rd_kafka_assign(client, nullptr);
    }
};

Consumer::Consumer(std::string bootstrap) : Consumer(std::move(bootstrap), {}, Membership{}) {}

Consumer::Consumer(std::string bootstrap, const std::vector<std::string>& topics, Membership membership)
    : handle_(std::make_unique<Handle>()) {
    handle_->membership = std::move(membership);
    const auto& member = handle_->membership;
    auto conf = configuration(bootstrap, {{"group.id", member.group.empty() ? "kiroku-reader" : member.group},
                                          {"enable.auto.commit", "false"},
                                          {"enable.auto.offset.store", "false"},
                                          {"auto.offset.reset", "error"},
                                          {"enable.partition.eof", "true"},
                                          {"check.crcs", "true"},
                                          {"partition.assignment.strategy", "range"},
                                          {"session.timeout.ms", "6000"},
                                          {"heartbeat.interval.ms", "1000"},
                                          {"fetch.wait.max.ms", "100"},
                                          {"fetch.error.backoff.ms", "20"},
                                          {"fetch.message.max.bytes", "1048576"},
                                          {"queued.min.messages", "100000"},
                                          {"queued.max.messages.kbytes", queued_kbytes}});
    if (!member.instance.empty())
        rd_kafka_conf_set(conf.get(), "group.instance.id", member.instance.c_str(), nullptr, 0);
    rd_kafka_conf_set_opaque(conf.get(), handle_.get());
    if (!member.group.empty()) rd_kafka_conf_set_rebalance_cb(conf.get(), Handle::rebalance);
    std::array<char, 256> why{};
    handle_->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), why.data(), why.size());
    if (handle_->client == nullptr) throw BrokerError(fmt::format("can't create a Kafka consumer: {}", why.data()));
    static_cast<void>(conf.release());
    rd_kafka_poll_set_consumer(handle_->client);
    if (topics.empty()) return;
    std::vector<TopicPartition> all;
    for (const auto& topic : topics) all.push_back({topic, RD_KAFKA_PARTITION_UA});
    expect_success(rd_kafka_subscribe(handle_->client, kafka::list_of(all).get()), "subscribing");
}

Consumer::~Consumer() = default;
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;

void Consumer::assign(const std::vector<Start>& starts) {
    expect_success(rd_kafka_assign(handle_->client, list_of(starts).get()), "assigning partitions");
}

Message Consumer::poll(int timeout_ms) { return Message{rd_kafka_consumer_poll(handle_->client, timeout_ms)}; }

void Consumer::commit(const std::vector<Committed>& offsets, bool wait) {
    if (offsets.empty()) return;
    List list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
    for (const auto& [where, offset, note] : offsets) {
        auto* entry = rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition);
        entry->offset = offset.value;
        entry->metadata_size = note.size();
        entry->metadata = note.empty() ? nullptr : std::memcpy(std::malloc(note.size()), note.data(), note.size());
    }
    const auto code = rd_kafka_commit(handle_->client, list.get(), wait ? 0 : 1);
    if (wait) expect_success(code, "committing offsets");
}

std::vector<Committed> Consumer::committed(const std::vector<TopicPartition>& partitions) {
    const auto list = kafka::list_of(partitions);
    expect_success(rd_kafka_committed(handle_->client, list.get(), answer_timeout_ms), "reading committed offsets");
    std::vector<Committed> offsets;
    for (int i = 0; i < list->cnt; ++i) {
        const auto& entry = list->elems[i];
        if (entry.offset < 0) continue;
        offsets.push_back({{entry.topic, entry.partition},
                           Offset{entry.offset},
                           {static_cast<const char*>(entry.metadata), entry.metadata_size}});
    }
    return offsets;
}

Watermarks Consumer::watermarks(const TopicPartition& where) { return kafka::watermarks(handle_->client, where); }

std::optional<Offset> Consumer::offset_at(const TopicPartition& where, Instant time) {
    const auto list = kafka::list_of({where});
    list->elems[0].offset = time.time_since_epoch().count();
    expect_success(rd_kafka_offsets_for_times(handle_->client, list.get(), answer_timeout_ms),
                   "looking up an offset by time");
    expect_success(list->elems[0].err, "looking up an offset by time");
    if (list->elems[0].offset < 0) return std::nullopt;
    return Offset{list->elems[0].offset};
}

int Consumer::partitions_of(const std::string& topic) { return kafka::partitions_of(handle_->client, topic); }

void Consumer::wake(int fd) { wake_on(rd_kafka_queue_get_consumer(handle_->client), fd); }

}  // namespace kiroku::kafka
