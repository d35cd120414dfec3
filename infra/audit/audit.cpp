#include "infra/audit/audit.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <thread>

#include "infra/kafka/consumer.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/log/command.hpp"

namespace kiroku::audit {
namespace {

using kafka::Message;
using std::chrono::steady_clock;

constexpr int wait_ms = 200;
constexpr int delivery_ms = 15'000;
constexpr std::chrono::milliseconds between_news{200};
constexpr std::chrono::milliseconds look_every{5};

/// Reads some partitions of a topic, each from its first record to where it ends now.
class Reading {
public:
    Reading(const std::string& bootstrap, std::string topic) : consumer_(bootstrap), topic_(std::move(topic)) {}

    int partitions() { return consumer_.partitions_of(topic_); }

    void add(int partition) {
        const auto marks = consumer_.watermarks({topic_, partition});
        if (marks.next <= marks.first) return;
        starts_.push_back({{topic_, partition}, marks.first});
        ends_[partition] = marks.next;
        open_ += 1;
        records_ += static_cast<std::uint64_t>(marks.next.value - marks.first.value);
    }

    [[nodiscard]] std::uint64_t records() const { return records_; }

    /// False: it was stopped before.
    template <class Take>
    bool run(const std::stop_token& stop, const Take& take) {
        consumer_.assign(starts_);
        while (open_ > 0) {
            if (stop.stop_requested()) return false;
            auto message = consumer_.poll(0);
            if (message.kind() == Message::Kind::nothing) message = consumer_.poll(wait_ms);
            if (message.kind() == Message::Kind::fault) {
                if (message.offset_lost()) throw kafka::BrokerError("the log is being cut: " + message.fault());
                spdlog::warn("reading the log: {}", message.fault());
            }
            if (message.kind() != Message::Kind::record) continue;
            const auto record = message.record();
            const auto end = ends_.at(record.partition);
            if (record.offset >= end) continue;
            take(record);
            if (record.offset.value + 1 == end.value) --open_;
        }
        return true;
    }

private:
    kafka::Consumer consumer_;
    std::string topic_;
    std::vector<kafka::Start> starts_;
    std::map<int, Offset> ends_;
    int open_ = 0;  ///< partitions whose end isn't reached
    std::uint64_t records_ = 0;
};

/// Tells each audit what was signed about its partition; a checkpoint that can't be trusted is a finding.
bool expect_signed(const Settings& settings, std::vector<PartitionAudit>& audits, const std::stop_token& stop) {
    Reading reading{settings.bootstrap, std::string{topic}};
    reading.add(0);
    return reading.run(stop, [&](const kafka::Record& record) {
        const auto checkpoint = read_checkpoint(record.value, settings.keys);
        for (auto& audit : audits) {
            if (!checkpoint) {
                audit.find(Offset{0}, fmt::format("untrusted_checkpoint: the one at offset {}: {}", record.offset.value,
                                                  checkpoint.error()));
            } else if (checkpoint->partition == audit.partition()) {
                audit.expect(checkpoint->next, checkpoint->chain);
            }
        }
    });
}

/// A share of a context's partitions, read by a thread of its own.
struct Share {
    Share(const std::string& bootstrap, const std::string& context) : reading(bootstrap, log::event_topic(context)) {}

    void add(PartitionAudit& audit) {
        audits[audit.partition().number] = &audit;
        reading.add(audit.partition().number);
    }

    Reading reading;
    std::map<int, PartitionAudit*> audits;
    std::exception_ptr failure;
};

/// The partitions of each context, dealt out to as many threads as this machine has processors.
std::deque<Share> shares_of(const Settings& settings, std::vector<PartitionAudit>& audits) {
    const auto threads = std::max(1U, std::thread::hardware_concurrency());
    std::map<std::pair<std::string, unsigned>, Share*> dealt;
    std::deque<Share> shares;
    for (auto& audit : audits) {
        const auto& partition = audit.partition();
        auto*& share = dealt[{partition.context, static_cast<unsigned>(partition.number) % threads}];
        if (share == nullptr) share = &shares.emplace_back(settings.bootstrap, partition.context);
        share->add(audit);
    }
    return shares;
}

/// False: it was stopped before. Throws what failed first.
bool run_all(std::deque<Share>& shares, const Settings& settings, const std::stop_token& stop) {
    Progress progress;
    for (const auto& share : shares) progress.all += share.reading.records();
    std::atomic<std::uint64_t> done = 0;
    std::atomic<int> running = static_cast<int>(shares.size());
    std::stop_source stop_all;
    const std::stop_callback pass_on{stop, [&] { stop_all.request_stop(); }};
    {
        std::vector<std::jthread> threads;
        for (auto& share : shares) {
            threads.emplace_back([&share, &done, &running, &stop_all] {
                try {
                    share.reading.run(stop_all.get_token(), [&](const kafka::Record& record) {
                        share.audits.at(record.partition)->take(record);
                        done.fetch_add(1, std::memory_order_relaxed);
                    });
                } catch (...) {
                    share.failure = std::current_exception();
                    stop_all.request_stop();
                }
                --running;
            });
        }
        const auto tell = [&] {
            progress.done = done;
            if (settings.on_progress) settings.on_progress(progress);
        };
        for (auto next = steady_clock::now(); running > 0; std::this_thread::sleep_for(look_every)) {
            if (steady_clock::now() < next) continue;
            tell();
            next = steady_clock::now() + between_news;
        }
        tell();
    }
    for (const auto& share : shares)
        if (share.failure) std::rethrow_exception(share.failure);
    return !stop.stop_requested();
}

}  // namespace

std::vector<PartitionAudit> audit(const Settings& settings, const std::stop_token& stop) {
    std::vector<PartitionAudit> audits;
    for (const auto& context : settings.contexts) {
        const int count = Reading{settings.bootstrap, log::event_topic(context)}.partitions();
        for (int number = 0; number < count; ++number) audits.emplace_back(log::Partition{context, number});
    }
    // What was signed is read first, so that all of it is about records that are there by now.
    if (!expect_signed(settings, audits, stop)) return {};
    auto shares = shares_of(settings, audits);
    if (!run_all(shares, settings, stop)) return {};
    for (auto& audit : audits) audit.finish();
    return audits;
}

void sign(const std::string& bootstrap, std::span<const PartitionAudit> audits, const crypto::SigningKey& key,
          Instant now) {
    std::string failure;
    kafka::Producer producer{bootstrap, [&](const kafka::Delivery& delivery) {
                                 if (!delivery.delivered) failure = delivery.error;
                             }};
    static_cast<void>(producer.partitions_of(std::string{topic}));
    for (const auto& audit : audits) {
        const auto& partition = audit.partition();
        const auto name = fmt::format("{}/{}", partition.context, partition.number);
        if (!producer.send(std::string{topic}, 0, name,
                           write_checkpoint({partition, audit.next(), audit.chain(), now}, key), 1)) {
            throw kafka::BrokerError("while signing: the producer takes no more");
        }
    }
    if (!producer.flush(delivery_ms)) failure = "the broker doesn't answer";
    if (!failure.empty()) throw kafka::BrokerError("while signing: " + failure);
}

}  // namespace kiroku::audit
