// commands/decider/context_runner.hpp: one thread that decides a context: it joins the partition owners to Kafka.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "commands/decider/measures.hpp"
#include "commands/decider/partition_feeds.hpp"
#include "infra/kafka/consumer.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/runtime/wakeup.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku::commands {

class ContextRunner final : private Outlet {
public:
    struct Settings {
        std::string bootstrap;
        std::string instance;  ///< the same after a restart, so that its partitions come back to it at once
        std::string group;     ///< of the deciders that share the partitions out
        runtime::Vitals* vitals = nullptr;   ///< is told how it goes; may be null
        tracing::Exporter* spans = nullptr;  ///< gets one for each command of a sampled trace; may be null
    };

    ContextRunner(const Context& context, store::OrderedMap& store, Settings settings);
    ~ContextRunner() override;

    /// Decides until stopped; then answers what is decided, writes the store, and leaves. Throws BrokerError,
    /// StoreError.
    void run(const std::stop_token& stop);

private:
    bool append(const log::Partition& partition, std::string_view key, std::string_view value,
                std::uint64_t tag) override;
    void reply(const log::ReplyTo& to, std::string_view value) override;
    std::uint64_t new_round() override { return ++rounds_; }
    void done(const DoneCommand& done) override;

    Outlet& outlet() { return *this; }
    void join();
    void follow_group();
    void make_producer();
    void assigned(const std::vector<kafka::TopicPartition>& partitions);
    bool turn();
    void renew_producer();
    void take_over_doubtful();
    void take_over(PartitionOwner& owner, std::string_view why);
    void on_delivery(const kafka::Delivery& delivery);
    void write();
    void commit(bool wait);
    void tell();
    [[nodiscard]] std::string problem() const;
    void leave();
    [[nodiscard]] std::size_t unproven() const;

    const Context& context_;
    store::OrderedMap& store_;
    Settings settings_;
    std::string command_topic_, event_topic_, replies_topic_;
    runtime::Wakeup wakeup_;

    std::unique_ptr<kafka::Producer> producer_;
    std::unique_ptr<kafka::Consumer> member_;  // of the group, only to learn which partitions are ours
    std::uint64_t rounds_ = 0;
    PartitionOwners owners_;
    std::unique_ptr<PartitionFeeds> feeds_;  // go on while the group shares out anew
    bool settled_ = false;                   // the group has said what is ours, and nothing else since
    bool joined_ = false;                    // it has said so at least once
    std::map<int, std::optional<Offset>> committed_;
    std::chrono::steady_clock::time_point next_commit_, next_write_, next_tell_;
    int replies_partitions_ = 0;
    std::map<int, PartitionMeasures> measures_;
};

}  // namespace kiroku::commands
