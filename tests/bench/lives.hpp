// tests/bench/lives.hpp: learners whose days are decided by the real rules and appended to the gamification log as an
// owner of all its partitions would, fences and all. No decider may run there.
#pragma once

#include <deque>
#include <functional>

#include "commands/gamification/context.hpp"
#include "domain/gamification/learner.hpp"
#include "infra/kafka/producer.hpp"
#include "infra/log/command.hpp"
#include "infra/log/envelope.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {

/// Owns all partitions of the topic, as a decider would.
class OwnedLog {
public:
    /// Told once the broker has them: where a decision's last record lies, and the number that `append` gave it.
    using OnAppended = std::function<void(int partition, Offset last, std::uint64_t number)>;

    OwnedLog(const std::string& bootstrap, std::string context, OnAppended on_appended = nullptr)
        : context_(std::move(context)),
          on_appended_(std::move(on_appended)),
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

    /// Appends a whole decision; the envelopes' places are filled in here. Its number, from 1.
    std::uint64_t append(const std::string& key, std::vector<log::Envelope>& decision) {
        const int number = kafka::partition_of(key, static_cast<int>(owned_.size()));
        auto& owned = owned_[static_cast<std::size_t>(number)];
        for (std::size_t at = 0; at < decision.size(); ++at) {
            auto& event = decision[at];
            event.place = {owned.term, log::Sequence{++owned.sequence}, static_cast<int>(at) + 1,
                           static_cast<int>(decision.size())};
            event.command_offset = Offset{owned.commands};
            text_.clear();
            log::write_envelope(event, text_);
            send(number, key, text_, at + 1 == decision.size() ? ++appended_ : not_last);
        }
        ++owned.commands;
        return appended_;
    }

    void poll() { producer_.poll(0); }

    void flush() {
        if (!producer_.flush(patience_ms)) throw std::runtime_error("the broker doesn't take the records");
    }

    static Instant now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

private:
    static constexpr int patience_ms = 30'000;
    static constexpr std::uint64_t fence_tag = ~std::uint64_t{0};
    static constexpr std::uint64_t not_last = 0;
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
        if (delivery.tag == not_last) return;
        if (delivery.tag != fence_tag) {
            if (on_appended_) on_appended_(delivery.partition, delivery.offset, delivery.tag);
            return;
        }
        auto& owned = owned_[static_cast<std::size_t>(delivery.partition)];
        owned.term = log::Term{delivery.offset.value};
        owned.sequence = 0;
    }

    std::string context_;
    OnAppended on_appended_;
    std::string topic_;
    kafka::Producer producer_;
    std::vector<Owned> owned_;
    std::string text_;
    std::uint64_t appended_ = 0;
};

/// One learner who completes a session, or sometimes gives up, every few hours.
class Life {
public:
    struct Told {
        std::uint64_t number;  ///< of the decision
        std::size_t events;
    };

    /// Appends what the next activity leads to.
    Told go_on(OwnedLog& log, const gamification::RuleBook& rules) {
        const auto now = OwnedLog::now();
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
        return {log.append(key_, decision), decision.size()};
    }

private:
    static constexpr std::chrono::hours between_activities{9};

    gamification::RecordActivity next_activity() {
        using namespace gamification;
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
    gamification::Learner learner_;
    std::int64_t version_ = 0;
    int activities_ = 0;
    Instant begun_ = OwnedLog::now() - std::chrono::days{30};
};

}  // namespace kiroku::bench
