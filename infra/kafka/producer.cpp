#include "infra/kafka/producer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <vector>

#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {
namespace {

using std::chrono::steady_clock;

// librdkafka sends one request a partition, has no more than this many under way, and spins while it has more to send.
constexpr std::size_t most_requests = 5;
constexpr std::chrono::milliseconds stuck_after{100};  // one that takes so long lets the others pass
constexpr std::size_t most_held = 200'000;
// Where many come at once, the next ones are gathered until they are enough or the time is up: what a request costs is
// then most of what a record costs.
constexpr std::size_t many = 32;
constexpr std::size_t enough = 32;
constexpr std::chrono::milliseconds gather_for{15};
constexpr int flush_step_ms = 10;
// librdkafka begins to send with the first record that it is given: the first few of a batch leave alone, and it spins
// until they have arrived. So where many leave, a second client sends them, which waits a moment for the others.
constexpr std::size_t several = 6;
constexpr const char* at_once_ms = "0";
constexpr const char* together_ms = "0.5";

struct Held {
    std::string key;
    std::string value;
    std::uint64_t tag = 0;
};

enum Pace { at_once, together };

/// A topic by each of the clients.
using Handles = std::array<rd_kafka_topic_t*, 2>;

/// The way into one partition: what is under way, and what waits until that has arrived.
struct Lane {
    Handles topic{};
    int partition = 0;
    std::size_t under_way = 0;
    steady_clock::time_point since;
    steady_clock::time_point gathered;  // what is held leaves then, not before
    std::deque<Held> held;
};

/// A topic with its lanes by partition.
struct Topic {
    Handles handles{};
    std::map<int, Lane> lanes;
};

/// librdkafka reports a success without an offset where the broker says that it has this batch already. Then nobody
/// knows where it lies; and, as seen once on a topic made just before, not even whether it does.
Delivery delivery_of(const rd_kafka_message_t& message) {
    const bool accepted = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
    Delivery delivery{.tag = reinterpret_cast<std::uintptr_t>(message._private),
                      .partition = message.partition,
                      .offset = Offset{message.offset},
                      .delivered = accepted && message.offset >= 0,
                      .error = {}};
    delivery.perhaps = !delivery.delivered && rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
    if (!delivery.delivered)
        delivery.error = accepted ? "delivered, but not known where" : rd_kafka_err2str(message.err);
    return delivery;
}

}  // namespace

struct Producer::Handle {
    OnDelivery on_delivery;
    std::array<rd_kafka_t*, 2> clients{};  // by pace
    std::map<std::string, Topic, std::less<>> topics;
    std::vector<Lane*> waiting;    // in the order in which they have something to send
    std::vector<Lane*> under_way;  // with something on its way
    std::size_t held = 0;

    ~Handle() {
        for (const auto& [name, topic] : topics) std::ranges::for_each(topic.handles, rd_kafka_topic_destroy);
        for (auto* client : clients) {
            if (client == nullptr) continue;
            rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
            rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        }
    }

    rd_kafka_t* client(const std::string& bootstrap, const char* linger_ms) {
        auto conf = configuration(bootstrap, {{"enable.idempotence", "true"},
                                              {"acks", "all"},
                                              {"linger.ms", linger_ms},
                                              {"message.timeout.ms", "10000"},
                                              {"request.timeout.ms", "8000"},
                                              {"retry.backoff.ms", "20"},
                                              {"message.max.bytes", "2000000"},
                                              {"queue.buffering.max.messages", "200000"},
                                              {"queue.buffering.max.kbytes", "262144"}});
        rd_kafka_conf_set_opaque(conf.get(), this);
        rd_kafka_conf_set_dr_msg_cb(conf.get(), report);
        std::array<char, 256> why{};
        rd_kafka_t* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
        if (made == nullptr) throw BrokerError(fmt::format("can't create a Kafka producer: {}", why.data()));
        static_cast<void>(conf.release());
        return made;
    }

    Lane& lane(const std::string& name, int partition) {
        auto& topic = topics[name];
        for (const auto pace : {at_once, together}) {
            if (topic.handles[pace] == nullptr)
                topic.handles[pace] = rd_kafka_topic_new(clients[pace], name.c_str(), nullptr);
        }
        auto& lane = topic.lanes[partition];
        lane.topic = topic.handles;
        lane.partition = partition;
        return lane;
    }

    /// Whether one more request is sent at once rather than kept in librdkafka.
    [[nodiscard]] bool may_send() const {
        if (under_way.size() < most_requests) return true;
        const auto moving_since = steady_clock::now() - stuck_after;
        return std::ranges::count_if(under_way, [&](const Lane* lane) { return lane->since > moving_since; }) <
               static_cast<std::ptrdiff_t>(most_requests);
    }

    static bool gathers(const Lane& lane) { return lane.held.size() < enough && lane.gathered > steady_clock::now(); }

    /// Sends what the lanes hold that have nothing under way, each all of it.
    void release() {
        std::vector<Delivery> refused;
        std::erase_if(waiting, [&](Lane* lane) {
            if (lane->under_way > 0 || !may_send() || gathers(*lane)) return false;
            const auto pace = lane->held.size() >= several ? together : at_once;
            for (const auto& record : lane->held) produce(*lane, pace, record, refused);
            if (lane->held.size() >= many) lane->gathered = steady_clock::now() + gather_for;
            held -= lane->held.size();
            lane->held.clear();
            if (lane->under_way > 0) under_way.push_back(lane);
            return true;
        });
        for (const auto& delivery : refused) on_delivery(delivery);
    }

    static void produce(Lane& lane, Pace pace, const Held& record, std::vector<Delivery>& refused) {
        const auto code =
            rd_kafka_produce(lane.topic[pace], lane.partition, RD_KAFKA_MSG_F_COPY,
                             const_cast<char*>(record.value.data()), record.value.size(), record.key.data(),
                             record.key.size(), reinterpret_cast<void*>(static_cast<std::uintptr_t>(record.tag)));
        if (code != 0) {
            refused.push_back({.tag = record.tag,
                               .partition = lane.partition,
                               .offset = Offset{-1},
                               .error = rd_kafka_err2str(rd_kafka_last_error())});
            return;
        }
        if (lane.under_way++ == 0) lane.since = steady_clock::now();
    }

    static void report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        auto& handle = *static_cast<Handle*>(self);
        const auto topic = handle.topics.find(std::string_view{rd_kafka_topic_name(message->rkt)});
        auto& lane = topic->second.lanes.at(message->partition);
        if (--lane.under_way == 0) std::erase(handle.under_way, &lane);
        handle.on_delivery(delivery_of(*message));
    }
};

Producer::Producer(std::string bootstrap, OnDelivery on_delivery) : handle_(std::make_unique<Handle>()) {
    handle_->on_delivery = std::move(on_delivery);
    handle_->clients = {handle_->client(bootstrap, at_once_ms), handle_->client(bootstrap, together_ms)};
}

Producer::~Producer() = default;
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;

bool Producer::send(const std::string& topic, int partition, std::string_view key, std::string_view value,
                    std::uint64_t tag) {
    if (handle_->held >= most_held) return false;
    auto& lane = handle_->lane(topic, partition);
    if (lane.held.empty()) handle_->waiting.push_back(&lane);
    lane.held.push_back({std::string{key}, std::string{value}, tag});
    ++handle_->held;
    return true;
}

void Producer::poll(int timeout_ms) {
    handle_->release();
    if (rd_kafka_poll(handle_->clients[together], 0) > 0) timeout_ms = 0;
    rd_kafka_poll(handle_->clients[at_once], timeout_ms);
    handle_->release();
}

int Producer::patience(int most_ms) const {
    if (!handle_->may_send()) return most_ms;  // a report wakes the owner before anything can leave
    auto until = steady_clock::now() + std::chrono::milliseconds{most_ms};
    for (const auto* lane : handle_->waiting) {
        if (lane->under_way == 0) until = std::min(until, lane->gathered);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    return std::max(0, static_cast<int>(left.count()));
}

bool Producer::flush(int timeout_ms) {
    const auto give_up = steady_clock::now() + std::chrono::milliseconds{timeout_ms};
    for (poll(0); handle_->held > 0 || !handle_->under_way.empty(); poll(flush_step_ms)) {
        if (steady_clock::now() > give_up) return false;
    }
    return true;
}

std::string Producer::fatal_error() const {
    std::array<char, 256> why{};
    for (auto* client : handle_->clients) {
        if (rd_kafka_fatal_error(client, why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR) return why.data();
    }
    return {};
}

int Producer::partitions_of(const std::string& topic) {
    static_cast<void>(kafka::partitions_of(handle_->clients[together], topic));  // the first record isn't late then
    return kafka::partitions_of(handle_->clients[at_once], topic);
}

void Producer::wake(int fd) {
    for (auto* client : handle_->clients) wake_on(rd_kafka_queue_get_main(client), fd);
}

}  // namespace kiroku::kafka
