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
#include "infra/log/event_reader.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/latencies.hpp"
#include "tests/bench/raw_kafka.hpp"

namespace kiroku::bench {
namespace {

constexpr int poll_ms = 100;
constexpr int learners_for_first = 1'000;  // among so many there is one of each partition

constexpr Uuid repeated(std::uint8_t byte) {
    Uuid uuid;
    uuid.bytes.fill(byte);
    return uuid;
}
constexpr Uuid some_learner = repeated(0x11), some_command = repeated(0x22);

/// A record of which all is fixed but some ids: where `stand_in` stood at first.
class Text {
public:
    explicit Text(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] std::vector<std::size_t> places_of(const Uuid& stand_in) const {
        std::vector<std::size_t> places;
        const auto wanted = to_string(stand_in);
        for (auto at = text_.find(wanted); at != std::string::npos; at = text_.find(wanted, at + 1))
            places.push_back(at);
        return places;
    }
    void fill(const std::vector<std::size_t>& places, const Uuid& id) {
        for (const auto at : places) to_chars(id, text_.data() + at);
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

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
        record.actor = "policy/record_activity";
        record.reply_to = {.partition = 0, .asker = asker, .reads_log = reads_log};
        return log::write_command(record);
    }

    std::vector<std::size_t> learner_at_ = places_of(some_learner), command_at_ = places_of(some_command);
};

/// Where the answers come from: each tells which command it is about, and whether that was accepted.
class Answers {
public:
    using Take = std::function<void(const Uuid& command, bool accepted)>;

    virtual ~Answers() = default;
    /// Waits for the first up to `timeout_ms`, then takes what is there.
    virtual void take(int timeout_ms, const Take& take) = 0;
};

/// From the replies, where others are answered, too: after a kill, whoever asked last hears it again.
class Replies final : public Answers {
public:
    Replies(RawClient consumer, const std::string& topic, const std::string& asker)
        : consumer_(std::move(consumer)),
          expected_(log::write_reply({.asker = asker,
                                      .delivery = some_command,
                                      .command = CommandId{some_command},
                                      .position = "gamification/"})) {
        std::int64_t first = 0, next = 0;
        rd_kafka_query_watermark_offsets(consumer_.get(), topic.c_str(), 0, &first, &next, metadata_patience_ms);
        read_from(consumer_.get(), topic, 0, 1, next);
    }
    void take(int timeout_ms, const Take& take) override {
        reader_.take(timeout_ms, [&](const rd_kafka_message_t& message) {
            const std::string_view text{static_cast<const char*>(message.payload), message.len};
            if (!is_ours(text)) return;
            const auto command = command_of(text);
            take(command, accepts(text, command));
        });
    }

private:
    [[nodiscard]] bool is_ours(std::string_view answer) const {
        const auto asker = std::string_view{expected_.text()}.substr(0, command_at_.front()).substr(asker_at);
        return answer.size() > asker_at && answer.substr(asker_at).starts_with(asker);
    }
    [[nodiscard]] Uuid command_of(std::string_view answer) const {
        const auto at = command_at_.front();
        const auto id = answer.size() > at ? Uuid::parse(answer.substr(at, 36)) : std::nullopt;
        return id.value_or(Uuid{});
    }
    [[nodiscard]] bool accepts(std::string_view answer, const Uuid& command) {
        static constexpr std::string_view event = R"("event":{"at":0,"type":"gamification.activity_recorded.v1")";
        expected_.fill(command_at_, command);
        const std::string_view beginning{expected_.text()};
        return answer.starts_with(beginning.substr(0, beginning.size() - 2)) &&
               answer.find(event) != std::string_view::npos;
    }

    static constexpr auto asker_at = std::string_view{R"({"replayed":0)"}.size();
    RawClient consumer_;
    RawReader reader_{consumer_.get()};
    Text expected_;
    std::vector<std::size_t> command_at_ = expected_.places_of(some_command);
};

/// From the log, whole valid decisions only.
class Decisions final : public Answers {
public:
    Decisions(RawClient consumer, const std::string& bootstrap) : consumer_(std::move(consumer)) {
        log::EventReader before{bootstrap};
        auto* list = rd_kafka_topic_partition_list_new(0);
        for (const auto& partition : before.partitions_of("gamification")) {
            const auto cursor = before.cursor_before(partition, before.watermarks(partition).next);
            readers_.emplace_back(cursor);
            rd_kafka_topic_partition_list_add(list, log::event_topic(partition.context).c_str(), partition.number)
                ->offset = cursor.next.value;
        }
        rd_kafka_assign(consumer_.get(), list);
        rd_kafka_topic_partition_list_destroy(list);
    }
    void take(int timeout_ms, const Take& take) override {
        reader_.take(timeout_ms, [&](const rd_kafka_message_t& message) {
            const auto decision = readers_.at(static_cast<std::size_t>(message.partition))
                                      .accept({.topic = {},
                                               .partition = message.partition,
                                               .offset = Offset{message.offset},
                                               .timestamp = {},
                                               .key = {},
                                               .value = {static_cast<const char*>(message.payload), message.len}});
            if (decision.empty()) return;
            const auto& event = decision.front().envelope;
            take(event.command.value, decision.size() == 1 && event.type == "gamification.activity_recorded.v1");
        });
    }

private:
    RawClient consumer_;
    RawReader reader_{consumer_.get()};
    std::vector<log::PartitionReader> readers_;  // by partition
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
