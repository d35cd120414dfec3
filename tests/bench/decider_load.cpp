// tests/bench/decider_load.cpp: commands into the log and proven answers back, by a client as bare as the raw loop's.
//
// `--answers log`: it reads the events themselves, through the rule that says which of them count, as gateways do. Then
// a decision is its own answer. `--answers replies`: the decider tells it in a record of its own once the log proves
// it. Each command has a learner record an abandoned activity: one event. Which learner: `--ask all` asks each once,
// which fills a log; `first` one of each partition; `random` any of them, for as long as `--seconds` says.
#include <cstring>
#include <optional>
#include <random>

#include "commands/client/command_record.hpp"
#include "infra/kafka/producer.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/decider_answers.hpp"
#include "tests/bench/latencies.hpp"

namespace kiroku::bench {
namespace {

constexpr int poll_ms = 100;
constexpr int learners_for_first = 1'000;  // among so many there is one of each partition

class Command : public Text {
public:
    Command(const std::string& asker, bool reads_log) : Text(written(asker, reads_log)) {}

    void is(const Uuid& learner, const Uuid& command) {
        fill(learner_at_, learner);
        fill(command_at_, command);
    }

private:
    static std::string written(const std::string& asker, bool reads_log) {
        using namespace gamification;
        const RecordActivity activity{
            .source_event_id = EventId{some_command},
            .kind = ActivityKind::abandoned,
            .challenge_type = ChallengeType::pomodoro,
            .difficulty = Difficulty{2},
            .occurred_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
            .timezone = "Europe/Berlin"};
        auto record = commands::command_record(some_learner, activity);
        record.delivery = some_command;
        record.command = CommandId{some_command};
        record.hash = "bench";
        record.correlation = to_string(some_command);
        record.actor = "policy/gamification.record_activity";
        record.reply_to = {.partition = 0, .asker = asker, .reads_log = reads_log};
        return log::write_command(record);
    }

    std::vector<std::size_t> learner_at_ = places_of(some_learner), command_at_ = places_of(some_command);
};

struct Topics {
    std::string bootstrap, commands, replies, isolation;
    bool answers_from_log = false;
};

std::unique_ptr<Answers> answers(const Topics& topics, const std::string& asker) {
    auto consumer = raw_consumer(topics.bootstrap, topics.isolation);
    if (topics.answers_from_log) return std::make_unique<Decisions>(std::move(consumer), topics.bootstrap);
    return std::make_unique<Replies>(std::move(consumer), topics.replies, asker);
}

/// Keeps so many commands in flight, each sent when the one before it was answered.
class Asker {
public:
    using NextLearner = std::function<std::optional<Uuid>()>;  ///< nothing: enough were asked

    Asker(const Topics& topics, int in_flight, Clock::duration patience)
        : patience_(patience),
          producer_(topics.bootstrap),
          commands_(producer_.topic(topics.commands)),
          partitions_(kafka::Producer{topics.bootstrap, {}}.partitions_of(topics.commands)),
          slots_(static_cast<std::size_t>(in_flight)),
          command_(to_string(run_), topics.answers_from_log),
          answers_(answers(topics, to_string(run_))) {}

    [[nodiscard]] int partition_of(const Uuid& learner) const {
        return kafka::partition_of(to_string(learner), partitions_);
    }
    [[nodiscard]] int partitions() const { return partitions_; }

    /// Until all are answered, or none is for a while.
    void run(const Window& window, const NextLearner& next) {
        for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) send(slot, next());
        auto heard = Clock::now();
        while (waiting_ > 0 && Clock::now() - heard < patience_) {
            answers_->take(poll_ms, [&](const Uuid& command, bool accepted) {
                const auto slot = slot_of(command);
                if (!slot) return;
                heard = Clock::now();
                answered(*slot, accepted, window, heard);
                send(*slot, next());
            });
        }
        failures_ += waiting_;
    }

    /// Members of a JSON object, without its braces; warming up included in `total` only.
    [[nodiscard]] std::string members(double seconds_long) const {
        return fmt::format(R"({},"total":{},"failures":{})", latencies_.members(seconds_long), sent_, failures_);
    }

private:
    struct Slot {
        Uuid command;  // nil: nothing is in flight
        Clock::time_point began;
    };

    void send(std::uint32_t number, const std::optional<Uuid>& learner) {
        if (!learner) return;
        ++sent_;
        ++waiting_;
        Uuid command = run_;
        std::memcpy(command.bytes.data(), &number, sizeof number);
        std::memcpy(command.bytes.data() + sizeof number, &sent_, sizeof sent_);
        slots_[number] = {command, Clock::now()};
        command_.is(*learner, command);
        std::array<char, 36> key{};
        to_chars(*learner, key.data());
        const int partition = kafka::partition_of({key.data(), key.size()}, partitions_);
        RawProducer::send(commands_, partition, command_.text().data(), command_.text().size(), key.data(), key.size());
    }

    /// Nothing: it is of another run.
    std::optional<std::uint32_t> slot_of(const Uuid& command) {
        if (std::memcmp(command.bytes.data() + ids_size, run_.bytes.data() + ids_size,
                        command.bytes.size() - ids_size) != 0)
            return std::nullopt;
        std::uint32_t number = 0;
        std::memcpy(&number, command.bytes.data(), sizeof number);
        if (number < slots_.size() && slots_[number].command == command) return number;
        ++failures_;  // it was answered already
        return std::nullopt;
    }

    void answered(std::uint32_t number, bool accepted, const Window& window, Clock::time_point now) {
        --waiting_;
        auto& slot = slots_[number];
        if (!accepted) {
            ++failures_;
        } else if (window.holds(now)) {
            latencies_.add(now - slot.began);
        }
        slot.command = {};
    }

    static constexpr std::size_t ids_size = sizeof(std::uint32_t) + sizeof(std::uint64_t);  // in front of the run's

    Clock::duration patience_;
    RawProducer producer_;
    RawTopic commands_;
    int partitions_;
    std::vector<Slot> slots_;
    Uuid run_{random_uuid_v7()};
    Command command_;
    std::unique_ptr<Answers> answers_;
    Latencies latencies_;
    std::uint64_t sent_ = 0, failures_ = 0, waiting_ = 0;
};

/// The same ones in each run.
std::vector<Uuid> learners(int count) {
    std::vector<Uuid> ids;
    ids.reserve(static_cast<std::size_t>(count));
    for (int number = 0; number < count; ++number) ids.push_back(uuid_v5(Uuid{}, std::to_string(number)));
    return ids;
}

std::vector<Uuid> one_a_partition(const Asker& asker, const std::vector<Uuid>& all) {
    std::vector<Uuid> found;
    for (int partition = 0; partition < asker.partitions(); ++partition) {
        const auto one = std::ranges::find(all, partition, [&](const Uuid& id) { return asker.partition_of(id); });
        if (one == all.end()) throw std::runtime_error("a partition without learners");
        found.push_back(*one);
    }
    return found;
}

Asker::NextLearner each_of(const std::vector<Uuid>& ids) {
    return [&ids, at = std::size_t{0}]() mutable { return at < ids.size() ? std::optional{ids[at++]} : std::nullopt; };
}

Asker::NextLearner any_of(const std::vector<Uuid>& ids, Clock::time_point until) {
    return [&ids, until, dice = std::mt19937_64{std::random_device{}()}]() mutable {
        return Clock::now() < until ? std::optional{ids[dice() % ids.size()]} : std::nullopt;
    };
}

std::string measure(const Arguments& arguments) {
    const auto ask = arguments.text("ask", "random");
    Asker asker{{.bootstrap = arguments.text("kafka"),
                 .commands = arguments.text("commands", log::command_topic("gamification")),
                 .replies = arguments.text("replies", std::string{log::replies_topic}),
                 .isolation = arguments.text("isolation", "read_uncommitted"),
                 .answers_from_log = arguments.text("answers", "replies") == "log"},
                arguments.count("in-flight", 1),
                seconds(arguments.number("patience", 5))};
    auto ids = learners(ask == "first" ? learners_for_first : arguments.count("learners", 1));
    if (ask == "first") ids = one_a_partition(asker, ids);
    const auto cpu = own_cpu_seconds();
    const auto began = Clock::now();
    const bool ends = ask != "random";
    const auto window = ends ? Window{began, Clock::time_point::max()}
                             : Window::after(arguments.number("warm", 1), arguments.number("seconds", 5));
    asker.run(window, ends ? each_of(ids) : any_of(ids, window.to));
    const auto took = ends ? std::chrono::duration<double>(Clock::now() - began).count() : window.length();
    return fmt::format(R"({{{},"seconds":{:.2f},"clientCpu":{:.3f}}})", asker.members(took), took,
                       own_cpu_seconds() - cpu);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
