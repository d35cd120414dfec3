// commands/reactor/reactor.hpp: reads events and sends the commands that policies answer them with.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "commands/reactor/reaction.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/runtime/vitals.hpp"
#include "infra/tracing/exporter.hpp"

namespace kiroku::commands {

/// Several reactors share the partitions of the event topics out. Where one stands is kept by the broker; after a crash
/// the last few events are answered again, which does nothing, because their commands have the ids that they had
/// before.
class Reactor {
public:
    struct Settings {
        std::string bootstrap;
        std::string instance;  ///< the same after a restart, so that its partitions come back to it at once
        runtime::Vitals* vitals = nullptr;   ///< is told how it goes; may be null
        tracing::Exporter* spans = nullptr;  ///< gets one for each command of a sampled trace; may be null
    };

    Reactor(std::vector<Policy> policies, Settings settings);

    /// Runs until stopped. Throws BrokerError, UndigestedCause, UnreadableRecord.
    void run(const std::stop_token& stop);

    static std::span<const runtime::Measure> measures();

private:
    void assigned(const std::vector<kafka::TopicPartition>& partitions);
    void send(const log::CommandRecord& command, std::string_view cause);
    [[nodiscard]] bool all_sent();
    void keep(bool wait);
    void tell();

    Reaction reaction_;
    Settings settings_;
    std::unique_ptr<kafka::Producer> producer_;
    bool failed_ = false;
    std::vector<tracing::Span> sending_;  // of what is on its way
    std::unique_ptr<kafka::Consumer> member_;
    log::EventReader reader_;
    std::vector<kafka::TopicPartition> mine_;
    std::map<std::string, int> partitions_;  // of each command topic
    std::chrono::steady_clock::time_point next_keep_, next_tell_;
    std::uint64_t sent_ = 0, gone_back_ = 0;
    bool joined_ = false;
};

}  // namespace kiroku::commands
