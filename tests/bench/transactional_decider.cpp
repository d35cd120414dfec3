// tests/bench/transactional_decider.cpp: what Kiroku's decider would be with Kafka's transactions: the same rules, the
// same kind of store; its events, answers and place in the commands are one transaction a batch.
//
// As fast as librdkafka 2.0.2 lets it be: back-offs of a millisecond, whatever was fetched in one transaction, reports
// awaited before the commit. It knows no recovery: only its speed is of interest. Runs until it is killed.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "commands/decider/decision_store.hpp"
#include "commands/gamification/context.hpp"
#include "infra/kafka/admin.hpp"
#include "infra/log/command.hpp"
#include "infra/log/topics.hpp"
#include "infra/store/rocksdb_map.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/raw_kafka.hpp"

namespace kiroku::bench {
namespace {

using namespace commands;

constexpr int poll_ms = 100;
constexpr int step_patience_ms = 10'000;
constexpr std::size_t most_loaded = 20'000;  // aggregates in memory, a partition, as in the decider
constexpr const char* group = "bench-transactional";

void expect(rd_kafka_error_t* error) {
    if (error == nullptr) return;
    const std::string why = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error(why);
}

/// A decision on its way: what it says is told to the store when its transaction has been committed.
struct Decision {
    AggregateKey key;
    log::CommandRecord command;
    Offset command_offset;
    log::Version first;
    std::vector<DecidedEvent> decided;
    std::vector<ProvenEvent> events;  // views into `decided`
};

/// What is known of one partition.
class Partition {
public:
    Partition(const AggregateType& type, store::OrderedMap& store, int number)
        : type_(type), store_(store, {"gamification", number}), number_(number) {}

    /// Nothing: it has been decided before.
    std::optional<Decision> decide(const rd_kafka_message_t& message) {
        auto command = log::read_command({static_cast<const char*>(message.payload), message.len});
        if (!command) throw std::runtime_error(command.error());
        Decision decision{.key = {type_.name(), command->id},
                          .command = std::move(*command),
                          .command_offset = Offset{message.offset},
                          .first = {},
                          .decided = {},
                          .events = {}};
        auto& loaded = load(decision.key);
        if (std::ranges::find(loaded.commands, decision.command.command) != loaded.commands.end()) return std::nullopt;
        rd_kafka_timestamp_type_t kind{};
        const Instant now{std::chrono::milliseconds{rd_kafka_message_timestamp(&message, &kind)}};
        auto decided = type_.decide(*loaded.state, decision.command.type, decision.command.data,
                                    {.now = now, .command = decision.command.command}, false);
        if (!decided) throw std::runtime_error("refused: " + decided.error().code);
        decision.decided = std::move(*decided);
        decision.first = log::Version{loaded.version.value + 1};
        for (const auto& event : decision.decided) {
            ++loaded.version.value;
            const EventId id{uuid_v7(now, uuid_v5(decision.command.command.value,
                                                  fmt::format("{}@{}", decision.events.size() + 1, message.offset)))};
            decision.events.push_back({id, now, event.type, event.data});
        }
        loaded.commands.push_back(decision.command.command);
        return decision;
    }

    /// The event as it goes to the log.
    std::string text_of(const Decision& decision, std::size_t at) {
        const auto& command = decision.command;
        const auto& event = decision.events[at];
        const auto subject = fmt::format("{}/{}", command.aggregate, to_string(command.id));
        std::string text;
        log::write_envelope({.id = event.id,
                             .type = event.type,
                             .subject = subject,
                             .aggregate = command.id,
                             .time = event.time,
                             .place = {log::Term{0}, log::Sequence{++sequence_}, static_cast<int>(at) + 1,
                                       static_cast<int>(decision.events.size())},
                             .version = log::Version{decision.first.value + static_cast<std::int64_t>(at)},
                             .command = command.command,
                             .command_hash = command.hash,
                             .command_offset = decision.command_offset,
                             .correlation = command.correlation,
                             .causation = command.causation,
                             .actor = command.actor,
                             .organization = command.organization,
                             .traceparent = command.traceparent,
                             .personal_keys = {},
                             .data = event.data},
                            text);
        return text;
    }

    [[nodiscard]] std::string reply_to(const Decision& decision) const {
        log::Reply reply{.asker = decision.command.reply_to.asker,
                         .delivery = decision.command.delivery,
                         .command = decision.command.command,
                         .position = fmt::format("gamification/{}@{}", number_, decision.command_offset.value)};
        auto version = decision.first;
        for (const auto& event : decision.events) {
            reply.events.push_back({std::string{event.type}, event.id, version, event.time, std::string{event.data}});
            ++version.value;
        }
        return log::write_reply(reply);
    }

    void include(const Decision& decision) {
        if (decision.events.empty()) return;
        store_.include(decision.key,
                       {decision.command.command, decision.command.hash, decision.command_offset, Offset{0},
                        decision.first, decision.events},
                       {});
    }
    void write() {
        store_.write();
        if (loaded_.size() > most_loaded) loaded_.clear();
    }

private:
    struct Loaded {
        std::unique_ptr<AggregateState> state;
        log::Version version{0};
        std::vector<CommandId> commands;
    };

    Loaded& load(const AggregateKey& key) {
        auto& loaded = loaded_[key];
        if (loaded.state != nullptr) return loaded;
        loaded.state = type_.initial();
        store_.each_decision(key, [&](const ProvenDecision& decision) {
            loaded.commands.push_back(decision.command);
            loaded.version = decision.last();
            for (const auto& event : decision.events) type_.evolve(*loaded.state, event.type, event.data);
        });
        return loaded;
    }

    const AggregateType& type_;
    DecisionStore store_;
    int number_;
    std::int64_t sequence_ = 0;
    std::unordered_map<AggregateKey, Loaded> loaded_;
};

class Decider {
public:
    Decider(const std::string& bootstrap, const std::string& prefix, const std::string& store)
        : store_(store),
          context_(context()),
          producer_(
              raw_client(RD_KAFKA_PRODUCER, bootstrap,
                         {{"transactional.id", group}, {"linger.ms", "0"}, {"retry.backoff.ms", "1"}},
                         [](rd_kafka_t*, const rd_kafka_message_t*, void*) {})),  // without one a flush naps 10 ms
          events_(raw_topic(producer_.get(), prefix + ".events")),
          replies_(raw_topic(producer_.get(), prefix + ".replies")),
          consumer_(raw_consumer(bootstrap, "read_committed", group)),
          commands_(prefix + ".commands") {
        for (int number = 0; number < log::default_partitions; ++number)
            partitions_.emplace_back(*context_.aggregates.front(), store_, number);
        expect(rd_kafka_init_transactions(producer_.get(), step_patience_ms));
        read_from(consumer_.get(), commands_, 0, log::default_partitions, RD_KAFKA_OFFSET_BEGINNING);
    }

    [[noreturn]] void run() {
        RawReader reader{consumer_.get()};
        for (;;) {
            reader.take(poll_ms, [&](const rd_kafka_message_t& message) { decide(message); });
            if (!decisions_.empty()) commit();
        }
    }

private:
    static Context context() {
        auto rules = read_rule_book({});
        if (!rules) throw std::runtime_error(rules.error());
        return gamification_context(std::move(*rules));
    }

    void decide(const rd_kafka_message_t& message) {
        auto& partition = partitions_.at(static_cast<std::size_t>(message.partition));
        auto decision = partition.decide(message);
        if (!decision) return;
        if (decisions_.empty()) expect(rd_kafka_begin_transaction(producer_.get()));
        const auto key = to_string(decision->command.id);
        for (std::size_t at = 0; at < decision->events.size(); ++at) {
            const auto text = partition.text_of(*decision, at);
            RawProducer::send(events_, message.partition, text.data(), text.size(), key.data(), key.size());
        }
        const auto reply = partition.reply_to(*decision);
        RawProducer::send(replies_, decision->command.reply_to.partition, reply.data(), reply.size(), nullptr, 0);
        decisions_.emplace_back(&partition, std::move(*decision));
    }

    void commit() {
        if (rd_kafka_flush(producer_.get(), step_patience_ms) != 0)
            throw std::runtime_error("records were not delivered");
        auto* offsets = rd_kafka_topic_partition_list_new(log::default_partitions);
        for (int number = 0; number < log::default_partitions; ++number)
            rd_kafka_topic_partition_list_add(offsets, commands_.c_str(), number);
        rd_kafka_position(consumer_.get(), offsets);
        auto* member = rd_kafka_consumer_group_metadata(consumer_.get());
        auto* error = rd_kafka_send_offsets_to_transaction(producer_.get(), offsets, member, step_patience_ms);
        rd_kafka_consumer_group_metadata_destroy(member);
        rd_kafka_topic_partition_list_destroy(offsets);
        expect(error);
        expect(rd_kafka_commit_transaction(producer_.get(), step_patience_ms));
        for (const auto& [partition, decision] : decisions_) partition->include(decision);
        for (auto& partition : partitions_) partition.write();
        decisions_.clear();
    }

    store::RocksdbMap store_;
    Context context_;
    RawClient producer_;
    RawTopic events_, replies_;
    RawClient consumer_;
    std::string commands_;
    std::deque<Partition> partitions_;
    std::vector<std::pair<Partition*, Decision>> decisions_;  // of the transaction
};

std::string measure(const Arguments& arguments) {
    const auto bootstrap = arguments.text("kafka");
    const auto prefix = arguments.text("topics");
    kafka::Admin admin{bootstrap};
    admin.brokers(metadata_patience_ms);
    admin.create({prefix + ".commands", log::default_partitions, {{"message.timestamp.type", "LogAppendTime"}}}, 1);
    for (const auto* name : {".events", ".replies"}) admin.create({prefix + name, log::default_partitions, {}}, 1);
    Decider decider{bootstrap, prefix, arguments.text("store")};
    std::puts("ready");
    std::fflush(stdout);
    decider.run();
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
