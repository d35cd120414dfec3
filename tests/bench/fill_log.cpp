// tests/bench/fill_log.cpp: writes a history of learners into an empty gamification log, decided by the real rules and
// numbered as an owner would, fences and all, for measuring how fast it is read. No decider may run there.
#include <deque>

#include "commands/gamification/context.hpp"
#include "domain/gamification/learner.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/log/command.hpp"
#include "infra/log/envelope.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

using namespace gamification;

constexpr int events_a_learner = 100;  // about
constexpr int patience_ms = 30'000;
constexpr std::chrono::hours between_activities{9};

/// Owns all partitions of the topic, as a decider would.
class Log {
public:
    Log(const std::string& bootstrap, std::string context)
        : context_(std::move(context)),
          topic_(log::event_topic(context_)),
          producer_(bootstrap, [this](const kafka::Delivery& delivery) { delivered(delivery); }),
          owned_(static_cast<std::size_t>(producer_.partitions_of(topic_))) {}

    /// Begins a new term everywhere.
    void fence() {
        flush();
        for (int number = 0; number < static_cast<int>(owned_.size()); ++number) {
            send(number, {}, log::fence_record(context_, "bench", now()), fence_tag);
        }
        flush();
    }

    /// Appends a whole decision; the envelopes' places are filled in here.
    void append(const std::string& key, std::vector<log::Envelope>& decision) {
        const int number = kafka::partition_of(key, static_cast<int>(owned_.size()));
        auto& owned = owned_[static_cast<std::size_t>(number)];
        for (std::size_t at = 0; at < decision.size(); ++at) {
            auto& event = decision[at];
            event.place = {owned.term, log::Sequence{++owned.sequence}, static_cast<int>(at) + 1,
                           static_cast<int>(decision.size())};
            event.command_offset = Offset{owned.commands};
            text_.clear();
            log::write_envelope(event, text_);
            send(number, key, text_, 0);
        }
        ++owned.commands;
    }

    void flush() {
        if (!producer_.flush(patience_ms)) throw std::runtime_error("the broker doesn't take the records");
    }

    static Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

private:
    static constexpr std::uint64_t fence_tag = 1;
    struct Owned {
        log::Term term = log::no_term;
        std::int64_t sequence = 0;
        std::int64_t commands = 0;
    };

    void send(int partition, std::string_view key, std::string_view value, std::uint64_t tag) {
        while (!producer_.send(topic_, partition, key, value, tag)) producer_.poll(10);
        producer_.poll(0);
    }
    void delivered(const kafka::Delivery& delivery) {
        if (!delivery.delivered) throw std::runtime_error("a record was not delivered: " + delivery.error);
        if (delivery.tag != fence_tag) return;
        auto& owned = owned_[static_cast<std::size_t>(delivery.partition)];
        owned.term = log::Term{delivery.offset.value};
        owned.sequence = 0;
    }

    std::string context_;
    std::string topic_;
    kafka::Producer producer_;
    std::vector<Owned> owned_;
    std::string text_;
};

/// One learner who completes a session, or sometimes gives up, every few hours.
class Life {
public:
    /// Appends what the next activity leads to; returns how many events that were.
    std::size_t go_on(Log& log, const RuleBook& rules) {
        const auto now = Log::now();
        const CommandId command{random_uuid_v7()};
        const auto events = decide(learner_, next_activity(), {{.now = now, .command = command}, rules});
        if (!events) throw std::runtime_error("the rules refuse the activity");
        const auto command_hash = to_string(command);
        std::deque<std::string> texts;  // stay where they are
        std::vector<log::Envelope> decision;
        for (const auto& event : *events) {
            auto& envelope = decision.emplace_back();
            envelope.id = EventId{uuid_v7(now, uuid_v5(command.value, std::to_string(decision.size())))};
            envelope.type = json::type_of(event);
            envelope.subject = subject_;
            envelope.time = now;
            envelope.version = log::Version{++version_};
            envelope.command = command;
            envelope.command_hash = command_hash;
            envelope.correlation = command_hash;
            envelope.actor = "policy/record_activity";
            envelope.data = texts.emplace_back(json::encode(event));
            learner_ = evolve(std::move(learner_), event);
        }
        log.append(key_, decision);
        return decision.size();
    }

private:
    RecordActivity next_activity() {
        RecordActivity activity{.source_event_id = EventId{random_uuid_v7()},
                                .kind = ++activities_ % 7 == 0 ? ActivityKind::abandoned : ActivityKind::completed,
                                .challenge_type = ChallengeType::pomodoro,
                                .difficulty = Difficulty{1 + activities_ % 5},
                                .occurred_at = begun_ + activities_ * between_activities,
                                .timezone = "Europe/Berlin"};
        if (activity.kind == ActivityKind::completed) {
            activity.performance_score = PerformanceScore{50 + activities_ % 50};
            activity.completion_time = Seconds{1500};
        }
        return activity;
    }

    std::string key_ = to_string(random_uuid_v7());
    std::string subject_ = "learner/" + key_;
    Learner learner_;
    std::int64_t version_ = 0;
    int activities_ = 0;
    Instant begun_ = Log::now() - std::chrono::days{30};
};

std::string measure(const Arguments& arguments) {
    const auto rules = commands::read_rule_book({});
    if (!rules) throw std::runtime_error(rules.error());
    const auto wanted = static_cast<std::size_t>(arguments.count("events", 300'000));
    Log log{arguments.text("kafka"), "gamification"};
    std::vector<Life> lives(std::max<std::size_t>(wanted / events_a_learner, 1));
    const auto begun = Clock::now();
    std::size_t written = 0;
    for (const auto term_ends : {wanted / 2, wanted}) {
        log.fence();
        while (written < term_ends) {
            for (auto& life : lives) {
                written += life.go_on(log, *rules);
                if (written >= term_ends) break;
            }
        }
    }
    log.flush();
    return fmt::format(R"({{"events":{},"learners":{},"seconds":{:.2f}}})", written, lives.size(),
                       std::chrono::duration<double>(Clock::now() - begun).count());
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
