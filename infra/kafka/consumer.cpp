#include "infra/kafka/consumer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include "infra/kafka/handle.hpp"
#include "infra/kafka/pace.hpp"
#include "infra/kafka/read_ahead.hpp"

namespace kiroku::kafka {
namespace {

constexpr int answer_timeout_ms = 5000;
constexpr std::chrono::seconds leave_within{2};

// While it gathers, a fetch waits until there is so much, or its time is up.
constexpr const char* gathered_bytes = "100000";

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

/// Waits until partitions that are no longer read have stopped. If one is given back and taken away once more before
/// that, librdkafka 2.0 counts it as stopped twice and ends the process (`rktp->rktp_started`). Its main thread takes
/// what it is asked for in turn: the first answer comes behind the stops, the second behind the news of them.
void settle(rd_kafka_t* client) {
    for (int turn = 0; turn < 2; ++turn) {
        rd_kafka_topic_partition_list_t* read = nullptr;
        if (rd_kafka_assignment(client, &read) == RD_KAFKA_RESP_ERR_NO_ERROR)
            rd_kafka_topic_partition_list_destroy(read);
    }
}

void assign_all(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list) {
    expect_success(rd_kafka_assign(client, list), "assigning partitions");
    settle(client);
}

void expect_success(rd_kafka_error_t* error, const std::string& doing) {
    if (error == nullptr) return;
    const std::string why = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw BrokerError(fmt::format("while {}: {}", doing, why));
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

std::size_t Message::size() const { return message_->len; }

std::string Message::fault() const { return rd_kafka_message_errstr(message_.get()); }

bool Message::final() const { return message_->err == RD_KAFKA_RESP_ERR__FATAL; }

bool Message::offset_lost() const {
    return message_->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
           message_->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
}

struct Consumer::Handle {
    std::string bootstrap;
    Membership membership;
    std::vector<std::string> topics;
    std::chrono::milliseconds gathering_for = usual_gathering;
    rd_kafka_t* prompt = nullptr;     // the member, if there is a group
    rd_kafka_t* gathering = nullptr;  // made when it is needed first
    Pace pace;
    ReadAhead read_ahead;
    std::vector<Start> assigned;
    bool given_back = false;     // since a `leave` began
    std::exception_ptr failure;  // of a callback; librdkafka, which called it, lets none through
    int wake = -1;

    ~Handle() {
        if (gathering != nullptr) rd_kafka_destroy_flags(gathering, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        if (prompt == nullptr) return;
        if (!membership.group.empty()) {
            membership.assigned = nullptr;
            membership.revoked = nullptr;
            rd_kafka_consumer_close(prompt);
        }
        rd_kafka_destroy_flags(prompt, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }

    void join() {
        const Setting instance{"group.instance.id", membership.instance};
        const Setting patience{"fetch.wait.max.ms", "100"};
        const auto group = membership.group.empty() ? "kiroku-reader" : membership.group;
        prompt = membership.instance.empty() ? client(group, {patience}) : client(group, {patience, instance});
        if (topics.empty()) return;
        std::vector<TopicPartition> all;
        for (const auto& topic : topics) all.push_back({topic, RD_KAFKA_PARTITION_UA});
        expect_success(rd_kafka_subscribe(prompt, kafka::list_of(all).get()), "subscribing");
    }

    /// What the client brings; one that is shut out for good is replaced.
    Message hear(rd_kafka_t* client, int timeout_ms) {
        Message message{rd_kafka_consumer_poll(client, timeout_ms)};
        if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
        if (membership.group.empty() || message.kind() != Message::Kind::fault || !message.final()) return message;
        spdlog::warn("group {}: {}; joining anew", membership.group, message.fault());
        message = {};  // it must be gone before its client
        join_anew();
        return {};
    }

    void join_anew() {
        back_to_prompt();
        if (membership.revoked) membership.revoked({});
        rd_kafka_destroy_flags(std::exchange(prompt, nullptr), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        join();
    }

    [[nodiscard]] rd_kafka_t* reading() const { return pace.gathers() ? gathering : prompt; }

    rd_kafka_t* client(const std::string& group, std::initializer_list<Setting> more) {
        auto conf = configuration(bootstrap, {{"group.id", group},
                                              {"enable.auto.commit", "false"},
                                              {"enable.auto.offset.store", "false"},
                                              {"auto.offset.reset", "error"},
                                              {"enable.partition.eof", "true"},
                                              {"check.crcs", "true"},
                                              {"partition.assignment.strategy", "range"},
                                              {"session.timeout.ms", "6000"},
                                              {"heartbeat.interval.ms", "300"},
                                              {"fetch.error.backoff.ms", "20"},
                                              {"fetch.message.max.bytes", "1048576"},
                                              {"queued.min.messages", "100000"},
                                              {"queued.max.messages.kbytes", ReadAhead::most_kbytes}});
        for (const auto& [name, value] : more) rd_kafka_conf_set(conf.get(), name, value.c_str(), nullptr, 0);
        rd_kafka_conf_set_opaque(conf.get(), this);
        if (!membership.group.empty()) rd_kafka_conf_set_rebalance_cb(conf.get(), rebalance);
        std::array<char, 256> why{};
        rd_kafka_t* made = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), why.data(), why.size());
        if (made == nullptr) throw BrokerError(fmt::format("can't create a Kafka consumer: {}", why.data()));
        static_cast<void>(conf.release());
        rd_kafka_poll_set_consumer(made);
        if (wake >= 0) wake_on(rd_kafka_queue_get_consumer(made), wake);
        return made;
    }

    /// The other client goes on where this one is; what was fetched and not polled is fetched again.
    void change() {
        if (gathering == nullptr)
            gathering = client("kiroku-reader", {{"fetch.min.bytes", gathered_bytes},
                                                 {"fetch.wait.max.ms", std::to_string(gathering_for.count())}});
        spdlog::debug("reading {} from now on", pace.gathers() ? "what has gathered" : "at once");
        rd_kafka_t* before = pace.gathers() ? prompt : gathering;
        const auto next = list_of(assigned);
        rd_kafka_position(before, next.get());
        for (int i = 0; i < next->cnt; ++i) {
            if (next->elems[i].offset < 0) next->elems[i].offset = assigned[static_cast<std::size_t>(i)].offset.value;
            assigned[static_cast<std::size_t>(i)].offset = Offset{next->elems[i].offset};
        }
        assign_all(before, list_of(std::vector<Start>{}).get());
        assign_all(reading(), next.get());
    }

    void back_to_prompt() {
        if (pace.gathers()) assign_all(gathering, nullptr);
        pace.hurry();
    }

    static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                          void* self) {
        auto& handle = *static_cast<Handle*>(self);
        const auto& membership = handle.membership;
        const bool given = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && membership.assigned;
        try {
            handle.back_to_prompt();
            if (given) {
                membership.assigned(partitions_in(*list));
            } else if (membership.revoked) {
                membership.revoked(partitions_in(*list));
            }
        } catch (...) {
            handle.failure = std::current_exception();
        }
        if (given) return;
        rd_kafka_assign(client, nullptr);
        settle(client);
        handle.given_back = true;
    }
};

Consumer::Consumer(std::string bootstrap, std::chrono::milliseconds gathering)
    : Consumer(std::move(bootstrap), {}, Membership{}) {
    handle_->gathering_for = gathering;
}

Consumer::Consumer(std::string bootstrap, const std::vector<std::string>& topics, Membership membership)
    : handle_(std::make_unique<Handle>()) {
    handle_->bootstrap = std::move(bootstrap);
    handle_->membership = std::move(membership);
    handle_->topics = topics;
    handle_->join();
}

Consumer::~Consumer() = default;
Consumer::Consumer(Consumer&&) noexcept = default;
Consumer& Consumer::operator=(Consumer&&) noexcept = default;

void Consumer::assign(const std::vector<Start>& starts) {
    handle_->assigned = starts;
    assign_all(handle_->reading(), list_of(starts).get());
}

void Consumer::add(const Start& start) {
    expect_success(rd_kafka_incremental_assign(handle_->reading(), list_of(std::vector{start}).get()),
                   "reading one more partition");
    settle(handle_->reading());
    handle_->assigned.push_back(start);
}

void Consumer::drop(const TopicPartition& where) {
    expect_success(rd_kafka_incremental_unassign(handle_->reading(), kafka::list_of({where}).get()),
                   "reading a partition no longer");
    settle(handle_->reading());
    std::erase_if(handle_->assigned, [&](const Start& start) { return start.where == where; });
}

Message Consumer::poll(int timeout_ms) {
    auto& handle = *handle_;
    if (handle.pace.gathers() && !handle.membership.group.empty()) {  // the member reads nothing, but it is one
        if (auto news = handle.hear(handle.prompt, 0); news.kind() != Message::Kind::nothing) return news;
    }
    auto message = handle.hear(handle.reading(), timeout_ms);
    if (message.kind() == Message::Kind::record) {
        handle.pace.took();
        handle.read_ahead.took(message.size(), handle.reading(), handle.assigned);
    } else if (message.kind() == Message::Kind::nothing) {
        handle.read_ahead.drained();
        if (handle.pace.drained(Pace::Clock::now())) handle.change();
    }
    return message;
}

bool Consumer::gathers() const { return handle_->pace.gathers(); }

void Consumer::leave() {
    // A static member that just closes never tells the group; one that unsubscribes first does.
    handle_->given_back = false;
    rd_kafka_unsubscribe(handle_->prompt);
    const auto until = std::chrono::steady_clock::now() + leave_within;
    while (!handle_->given_back && std::chrono::steady_clock::now() < until)
        static_cast<void>(Message{rd_kafka_consumer_poll(handle_->prompt, 10)});
}

std::optional<Offset> Consumer::heard_end(const TopicPartition& where) const {
    std::int64_t first = 0, next = 0;
    if (rd_kafka_get_watermark_offsets(handle_->reading(), where.topic.c_str(), where.partition, &first, &next) !=
            RD_KAFKA_RESP_ERR_NO_ERROR ||
        next < 0) {
        return std::nullopt;
    }
    return Offset{next};
}

void Consumer::commit(const std::vector<Committed>& offsets, bool wait) {
    if (offsets.empty()) return;
    List list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
    for (const auto& [where, offset, note] : offsets) {
        auto* entry = rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition);
        entry->offset = offset.value;
        entry->metadata_size = note.size();
        entry->metadata = note.empty() ? nullptr : std::memcpy(std::malloc(note.size()), note.data(), note.size());
    }
    const auto code = rd_kafka_commit(handle_->prompt, list.get(), wait ? 0 : 1);
    if (wait) expect_success(code, "committing offsets");
}

std::vector<Committed> Consumer::committed(const std::vector<TopicPartition>& partitions) {
    const auto list = kafka::list_of(partitions);
    expect_success(rd_kafka_committed(handle_->prompt, list.get(), answer_timeout_ms), "reading committed offsets");
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

Watermarks Consumer::watermarks(const TopicPartition& where, std::chrono::milliseconds within) {
    return kafka::watermarks(handle_->prompt, where, within);
}

std::optional<Offset> Consumer::offset_at(const TopicPartition& where, Instant time) {
    const auto list = kafka::list_of({where});
    list->elems[0].offset = time.time_since_epoch().count();
    expect_success(rd_kafka_offsets_for_times(handle_->prompt, list.get(), answer_timeout_ms),
                   "looking up an offset by time");
    expect_success(list->elems[0].err, "looking up an offset by time");
    if (list->elems[0].offset < 0) return std::nullopt;
    return Offset{list->elems[0].offset};
}

int Consumer::partitions_of(const std::string& topic) { return kafka::partitions_of(handle_->prompt, topic); }

void Consumer::wake(int fd) {
    handle_->wake = fd;
    wake_on(rd_kafka_queue_get_consumer(handle_->prompt), fd);
}

}  // namespace kiroku::kafka
