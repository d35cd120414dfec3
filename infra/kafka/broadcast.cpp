// infra/kafka/broadcast.cpp: what processes tell each other right now, over a topic of one partition.
#include "infra/kafka/broadcast.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>

#include "infra/kafka/consumer.hpp"
#include "infra/kafka/handle.hpp"

namespace kiroku::kafka {
namespace {

using std::chrono::steady_clock;

constexpr int poll_ms = 100;
constexpr int goodbye_ms = 300;
constexpr std::size_t most_at_once = 1'000;
constexpr std::chrono::milliseconds pause_after_fault{1'000};

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

/// librdkafka's own queue and thread do the work; reports are asked for only to tell silence from deafness.
struct Broadcast::Sender {
    rd_kafka_t* client = nullptr;
    rd_kafka_topic_t* topic = nullptr;
    std::atomic<std::uint64_t> delivered = 0, failed = 0;
    std::atomic<std::int64_t> unheard_since = 0;  // seconds; 0: something was heard since the last delivery

    explicit Sender(const Settings& settings) {
        auto conf =
            configuration(settings.bootstrap, {{"acks", "1"},
                                               {"linger.ms", "2"},
                                               {"message.timeout.ms", "3000"},
                                               {"retry.backoff.ms", "20"},
                                               {"message.max.bytes", "1000000"},
                                               {"queue.buffering.max.messages", std::to_string(settings.most_waiting)},
                                               {"queue.buffering.max.kbytes", "65536"}});
        rd_kafka_conf_set_opaque(conf.get(), this);
        rd_kafka_conf_set_dr_msg_cb(conf.get(), report);
        std::array<char, 256> why{};
        client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), why.data(), why.size());
        if (client == nullptr) throw BrokerError(fmt::format("can't create a Kafka producer: {}", why.data()));
        static_cast<void>(conf.release());
        topic = rd_kafka_topic_new(client, settings.topic.c_str(), nullptr);
    }

    ~Sender() {
        rd_kafka_flush(client, goodbye_ms);
        rd_kafka_topic_destroy(topic);
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }

    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    static void report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
        auto& sender = *static_cast<Sender*>(self);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            ++sender.failed;
            return;
        }
        ++sender.delivered;
        std::int64_t heard = 0;
        sender.unheard_since.compare_exchange_strong(heard, seconds_now());
    }
};

Broadcast::Broadcast(Settings settings, OnHeard on_heard)
    : settings_{std::move(settings)},
      on_heard_{std::move(on_heard)},
      sender_{std::make_unique<Sender>(settings_)},
      thread_{[this](const std::stop_token& stop) { listen(stop); }} {}

Broadcast::~Broadcast() {
    thread_.request_stop();
    thread_.join();
}

bool Broadcast::send(std::string_view message) {
    const int code = rd_kafka_produce(sender_->topic, 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(message.data()),
                                      message.size(), nullptr, 0, nullptr);
    if (code != 0) ++dropped_;
    return code == 0;
}

Broadcast::Counts Broadcast::counts() const {
    return {.sent = sender_->delivered, .dropped = dropped_ + sender_->failed, .heard = heard_};
}

void Broadcast::listen(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        try {
            listen_once(stop);
        } catch (const BrokerError& error) {
            spdlog::warn("listening to {} begins again: {}", settings_.topic, error.what());
        }
        for (auto left = pause_after_fault; left.count() > 0 && !stop.stop_requested();) {
            rd_kafka_poll(sender_->client, poll_ms);
            left -= std::chrono::milliseconds{poll_ms};
        }
    }
}

/// Until told to stop, or until the consumer can't be trusted any more.
void Broadcast::listen_once(const std::stop_token& stop) {
    Consumer consumer{settings_.bootstrap};
    consumer.assign({{{settings_.topic, 0}, from_the_end}});
    sender_->unheard_since = 0;
    std::vector<std::string> heard;
    while (!stop.stop_requested()) {
        const auto message = consumer.poll(heard.empty() ? poll_ms : 0);
        rd_kafka_poll(sender_->client, 0);
        switch (message.kind()) {
            case Message::Kind::record: heard.emplace_back(message.record().value); break;
            case Message::Kind::fault:
                if (message.final() || message.offset_lost()) throw BrokerError(message.fault());
                spdlog::debug("listening to {}: {}", settings_.topic, message.fault());
                break;
            case Message::Kind::nothing:
            case Message::Kind::end_of_partition: break;
        }
        if (message.kind() != Message::Kind::record || heard.size() >= most_at_once) hand_over(heard);
        if (is_deaf()) throw BrokerError("what was delivered is not heard");
    }
}

void Broadcast::hand_over(std::vector<std::string>& heard) {
    if (heard.empty()) return;
    sender_->unheard_since = 0;
    heard_ += heard.size();
    on_heard_(std::exchange(heard, {}));
}

/// librdkafka 2.0.2 can hang on a broker that went away (reliability.md, #4970); whoever listens hears at least itself.
bool Broadcast::is_deaf() const {
    const auto since = sender_->unheard_since.load();
    return since != 0 && seconds_now() - since > settings_.suspicious_silence.count();
}

}  // namespace kiroku::kafka
