#include "commands/client/command_client.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "commands/client/awaited_answers.hpp"
#include "infra/kafka/consumer.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/runtime/wakeup.hpp"

namespace kiroku::commands {
namespace {

using std::chrono::steady_clock;

constexpr int longest_sleep_ms = 50;
constexpr std::chrono::seconds silence_is_sickness{5};

Instant wall_clock() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

struct CommandClient::Worker {
    struct Request {
        log::CommandRecord command;
        std::chrono::milliseconds timeout;
        OnAnswer on_answer;
    };

    explicit Worker(Settings given)
        : settings(std::move(given)), awaited(settings.limits), replies(settings.bootstrap) {
        where_replies.topic = log::replies_topic;
        where_replies.partition = kafka::partition_of(settings.name, replies.partitions_of(where_replies.topic));
        replies.assign({{where_replies, replies.watermarks(where_replies).next}});
        replies.wake(wakeup.fd());
        make_producer();
        const auto seed = random_uuid_v7();
        std::memcpy(delivery_prefix.bytes.data(), seed.bytes.data() + 8, 8);
        thread = std::thread{[this] { run(); }};
    }

    ~Worker() {
        stopping = true;
        wakeup.wake();
        thread.join();
        awaited.give_up(steady_clock::time_point::max());
        for (auto& request : requests) request.on_answer({Answer::Outcome::not_sent, {}});
    }

    void make_producer() {
        producer =
            std::make_unique<kafka::Producer>(settings.bootstrap, [this](const kafka::Delivery& d) { delivered(d); });
        producer->wake(wakeup.fd());
        for (const auto& [topic, partitions] : partitions) static_cast<void>(producer->partitions_of(topic));
    }

    void run() {
        while (!stopping) {
            take_requests();
            producer->poll();
            while (take_reply()) {
            }
            awaited.give_up(steady_clock::now());
            if (!producer->fatal_error().empty()) make_producer();
            wakeup.sleep(std::chrono::milliseconds{producer->patience(longest_sleep_ms)});
        }
    }

    void take_requests() {
        std::vector<Request> taken;
        {
            const std::lock_guard lock{mutex};
            taken.swap(requests);
        }
        for (auto& request : taken) dispatch(std::move(request));
    }

    void dispatch(Request request) {
        auto& command = request.command;
        const auto home = home_of(command);
        if (!home) return request.on_answer({Answer::Outcome::not_sent, {}});
        const auto now = steady_clock::now();
        if (const auto admission = awaited.ask(*home, request.timeout, now); admission != Admission::granted) {
            count(admission);
            return request.on_answer({Answer::Outcome::shed, {}});
        }
        const auto number = ++last_number;
        command.delivery = delivery_prefix;
        for (int byte = 0; byte < 8; ++byte)
            command.delivery.bytes[15 - byte] = static_cast<std::uint8_t>(number >> 8 * byte);
        command.reply_to.partition = where_replies.partition;
        command.reply_to.asker = settings.name;
        command.deadline = wall_clock() + request.timeout;
        const bool sent = producer->send(log::command_topic(home->context), home->number, to_string(command.id),
                                         log::write_command(command), number);
        if (!sent) return request.on_answer({Answer::Outcome::not_sent, {}});
        awaited.await(number, {command.command, *home, command.reply_to.reads_log, now, now + request.timeout,
                               std::move(request.on_answer)});
    }

    void count(Admission shed) {
        if (shed == Admission::client_full) ++client_full;
        if (shed == Admission::partition_full) ++partition_full;
        if (shed == Admission::partition_slow) ++partition_slow;
    }

    /// Where it will lie; nothing if it can't be sent.
    std::optional<log::Partition> home_of(const log::CommandRecord& command) {
        log::Partition home{command.type.substr(0, command.type.find('.')), 0};
        const auto topic = log::command_topic(home.context);
        try {
            auto& count = partitions[topic];
            if (count == 0) count = producer->partitions_of(topic);
            home.number = kafka::partition_of(to_string(command.id), count);
            return home;
        } catch (const kafka::BrokerError& error) {
            spdlog::warn("a command can't be sent: {}", error.what());
            return std::nullopt;
        }
    }

    void delivered(const kafka::Delivery& delivery) {
        if (delivery.delivered) {
            last_heard = steady_clock::now().time_since_epoch();
            awaited.lies_at(delivery.tag, delivery.offset);
        } else if (!delivery.perhaps) {
            awaited.answer(delivery.tag, {Answer::Outcome::not_sent, {}});
        }
    }

    bool take_reply() {
        const auto message = replies.poll(0);
        if (message.kind() == kafka::Message::Kind::nothing) return false;
        if (message.kind() == kafka::Message::Kind::fault) {
            spdlog::warn("reading replies: {}", message.fault());
            // The partition's leader changed, and the new one has less: who misses an answer asks again.
            if (message.offset_lost()) replies.assign({{where_replies, kafka::from_the_end}});
        }
        if (message.kind() != kafka::Message::Kind::record) return true;
        auto reply = log::read_reply(message.record().value);
        if (!reply || reply->asker != settings.name) return true;
        if (std::memcmp(reply->delivery.bytes.data(), delivery_prefix.bytes.data(), 8) != 0) return true;
        std::uint64_t number = 0;
        for (int byte = 8; byte < 16; ++byte) number = number << 8 | reply->delivery.bytes[byte];
        awaited.answer(number, {Answer::Outcome::decided, std::move(*reply)});
        return true;
    }

    Settings settings;
    AwaitedAnswers awaited;
    runtime::Wakeup wakeup;
    kafka::Consumer replies;
    std::unique_ptr<kafka::Producer> producer;
    kafka::TopicPartition where_replies;
    Uuid delivery_prefix;
    std::uint64_t last_number = 0;
    std::unordered_map<std::string, int> partitions;  // of each command topic

    std::atomic<std::uint64_t> client_full = 0, partition_full = 0, partition_slow = 0;

    std::mutex mutex;  // guards the next one
    std::vector<Request> requests;
    std::atomic<bool> stopping = false;
    std::atomic<steady_clock::duration> last_heard{};
    std::thread thread;
};

CommandClient::CommandClient(Settings settings) : worker_(std::make_unique<Worker>(std::move(settings))) {}
CommandClient::~CommandClient() = default;

void CommandClient::send(log::CommandRecord command, std::chrono::milliseconds timeout, OnAnswer on_answer) {
    auto& requests = worker_->requests;
    std::unique_lock lock{worker_->mutex};
    if (requests.size() + worker_->awaited.size() >= worker_->settings.limits.in_flight) {
        lock.unlock();
        worker_->count(Admission::client_full);
        return on_answer({Answer::Outcome::shed, {}});
    }
    requests.push_back({std::move(command), timeout, std::move(on_answer)});
    const bool first = requests.size() == 1;
    lock.unlock();
    if (first) worker_->wakeup.wake();
}

void CommandClient::heard(const log::Partition& partition, CommandId command, Offset answers,
                          const std::function<log::Reply()>& reply) {
    worker_->awaited.hear(partition, command, answers, reply);
}

Answer CommandClient::send_and_wait(log::CommandRecord command, std::chrono::milliseconds timeout) {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<Answer> result;
    send(std::move(command), timeout, [&](Answer answer) {
        const std::lock_guard lock{mutex};
        result = std::move(answer);
        answered.notify_one();
    });
    std::unique_lock lock{mutex};
    answered.wait(lock, [&] { return result.has_value(); });
    return std::move(*result);
}

bool CommandClient::full() const { return worker_->awaited.size() >= worker_->settings.limits.in_flight; }

CommandClient::Counts CommandClient::counts() const {
    const auto waited = worker_->awaited.counts();
    return {.in_flight = worker_->awaited.size(),
            .client_full = worker_->client_full,
            .partition_full = worker_->partition_full,
            .partition_slow = worker_->partition_slow,
            .no_answer = waited.gave_up,
            .late = waited.late};
}

bool CommandClient::healthy() const {
    return steady_clock::now().time_since_epoch() - worker_->last_heard.load() < silence_is_sickness ||
           worker_->awaited.size() == 0;
}

}  // namespace kiroku::commands
