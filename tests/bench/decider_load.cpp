// tests/bench/decider_load.cpp: commands into the log and proven answers back, by a client as bare as the raw loop's.
//
// Each command has a learner record an abandoned activity: one event. Which learner: `--ask all` asks each once, which
// fills a log; `first` one of each partition; `random` any of them, for as long as `--seconds` says.
#include <cstring>
#include <optional>
#include <random>

#include "commands/client/command_record.hpp"
#include "infra/kafka/producer.hpp"
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
    explicit Command(const std::string& asker) : Text(written(asker)) {}

    void is(const Uuid& learner, const Uuid& command) {
        fill(learner_at_, learner);
        fill(command_at_, command);
    }

private:
    static std::string written(const std::string& asker) {
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
        record.reply_to = {.partition = 0, .asker = asker, .reads_log = false};
        return log::write_command(record);
    }

    std::vector<std::size_t> learner_at_ = places_of(some_learner), command_at_ = places_of(some_command);
};

/// How the answer to a command begins if it was accepted, now and not before; the one event follows.
class Answer : public Text {
public:
    explicit Answer(const std::string& asker)
        : Text(log::write_reply({.asker = asker,
                                 .delivery = some_command,
                                 .command = CommandId{some_command},
                                 .position = "gamification/"})) {}

    /// Others are answered here, too: after a kill, whoever asked last hears it again.
    [[nodiscard]] bool is_told_in(std::string_view answer) const {
        const auto asker = std::string_view{text()}.substr(0, command_at_.front()).substr(asker_at);
        return answer.size() > asker_at && answer.substr(asker_at).starts_with(asker);
    }
    [[nodiscard]] Uuid command_of(std::string_view answer) const {
        const auto at = command_at_.front();
        const auto id = answer.size() > at ? Uuid::parse(answer.substr(at, 36)) : std::nullopt;
        return id.value_or(Uuid{});
    }
    [[nodiscard]] bool accepts(std::string_view answer, const Uuid& command) {
        static constexpr std::string_view event = R"("event":{"at":0,"type":"gamification.activity_recorded.v1")";
        fill(command_at_, command);
        return answer.starts_with(std::string_view{text()}.substr(0, text().size() - 2)) &&
               answer.find(event) != std::string_view::npos;
    }

private:
    static constexpr auto asker_at = std::string_view{R"({"replayed":0)"}.size();
    std::vector<std::size_t> command_at_ = places_of(some_command);
};

struct Topics {
    std::string bootstrap, commands, replies, isolation;
};

/// Keeps so many commands in flight, each sent when the one before it was answered.
class Asker {
public:
    using NextLearner = std::function<std::optional<Uuid>()>;  ///< nothing: enough were asked

    Asker(const Topics& topics, int in_flight, Clock::duration patience)
        : patience_(patience),
          producer_(topics.bootstrap),
          commands_(producer_.topic(topics.commands)),
          partitions_(kafka::Producer{topics.bootstrap, {}}.partitions_of(topics.commands)),
          consumer_(raw_consumer(topics.bootstrap, topics.isolation)),
          slots_(static_cast<std::size_t>(in_flight)) {
        std::int64_t first = 0, next = 0;
        rd_kafka_query_watermark_offsets(consumer_.get(), topics.replies.c_str(), 0, &first, &next,
                                         metadata_patience_ms);
        read_from(consumer_.get(), topics.replies, 0, 1, next);
    }

    [[nodiscard]] int partition_of(const Uuid& learner) const {
        return kafka::partition_of(to_string(learner), partitions_);
    }
    [[nodiscard]] int partitions() const { return partitions_; }

    /// Until all are answered, or none is for a while.
    void run(const Window& window, const NextLearner& next) {
        for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) send(slot, next());
        RawReader reader{consumer_.get()};
        auto heard = Clock::now();
        while (waiting_ > 0 && Clock::now() - heard < patience_) {
            reader.take(poll_ms, [&](const rd_kafka_message_t& message) {
                heard = Clock::now();
                const std::string_view text{static_cast<const char*>(message.payload), message.len};
                if (!answer_.is_told_in(text)) return;
                if (const auto slot = answered(text, window, heard)) send(*slot, next());
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

    /// Which slot is free now.
    std::optional<std::uint32_t> answered(std::string_view text, const Window& window, Clock::time_point now) {
        const auto command = answer_.command_of(text);
        std::uint32_t number = 0;
        std::memcpy(&number, command.bytes.data(), sizeof number);
        if (number >= slots_.size() || command == Uuid{} || slots_[number].command != command) {
            ++failures_;  // to nothing of ours, or answered already
            return std::nullopt;
        }
        --waiting_;
        auto& slot = slots_[number];
        if (!answer_.accepts(text, command)) {
            ++failures_;
        } else if (window.holds(now)) {
            latencies_.add(now - slot.began);
        }
        slot.command = {};
        return number;
    }

    Clock::duration patience_;
    RawProducer producer_;
    RawTopic commands_;
    int partitions_;
    RawClient consumer_;
    std::vector<Slot> slots_;
    Uuid run_{random_uuid_v7()};
    Command command_{to_string(run_)};
    Answer answer_{to_string(run_)};
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
                 .isolation = arguments.text("isolation", "read_uncommitted")},
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
