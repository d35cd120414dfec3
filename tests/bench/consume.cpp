// tests/bench/consume.cpp: how fast a log can be read at all: records alone, records and their JSON, and through the
// rule that tells which of them count.
#include "infra/log/command.hpp"
#include "infra/log/event_reader.hpp"
#include "schemas/gamification/codec.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/latencies.hpp"
#include "tests/bench/raw_kafka.hpp"

namespace kiroku::bench {
namespace {

constexpr int patience_ms = 1'000;
constexpr int records_a_turn = 4'000;

struct Topic {
    std::string bootstrap;
    std::string context;
    std::vector<log::Partition> partitions;
    std::int64_t records = 0;
    std::int64_t bytes = 0;  ///< of values, as far as they were read
};

/// From the first record to the last, so that neither connecting nor the broker's first answer counts.
class Pass {
public:
    void took(std::int64_t records) {
        if (records == 0) return;
        if (records_ == 0) begun_ = Clock::now();
        ended_ = Clock::now();
        if (records_ == 0) first_ = records;
        records_ += records;
    }
    [[nodiscard]] std::int64_t records() const { return records_; }
    [[nodiscard]] double rate() const {
        return static_cast<double>(records_ - first_) / std::chrono::duration<double>(ended_ - begun_).count();
    }

private:
    std::int64_t records_ = 0;
    std::int64_t first_ = 0;
    Clock::time_point begun_, ended_;
};

template <class OnRecord>
Pass raw_pass(const Topic& topic, const OnRecord& on_record) {
    const auto consumer = raw_consumer(topic.bootstrap);
    RawReader reader{consumer.get()};
    read_from(consumer.get(), log::event_topic(topic.context), 0, static_cast<int>(topic.partitions.size()),
              RD_KAFKA_OFFSET_BEGINNING);
    Pass pass;
    while (pass.records() < topic.records) {
        std::int64_t taken = 0;
        reader.take(patience_ms, [&](const rd_kafka_message_t& message) {
            ++taken;
            on_record(std::string_view{static_cast<const char*>(message.payload), message.len});
        });
        pass.took(taken);
    }
    return pass;
}

void parse(std::string_view record) {
    const auto event = log::read_envelope(record);
    if (!event) throw std::runtime_error(event.error());
    if (event->is_fence()) return;
    if (!json::decode_variant<gamification::LearnerEvent>(event->type, event->data))
        throw std::runtime_error(std::string{record});
}

Pass valid_pass(const Topic& topic) {
    log::EventReader reader{topic.bootstrap};
    std::map<log::Partition, log::Cursor> starts;
    for (const auto& partition : topic.partitions) starts[partition] = {};
    reader.read(starts);
    Pass pass;
    std::int64_t events = 0;
    while (pass.records() < topic.records) {
        pass.took(reader.poll(patience_ms, records_a_turn, [&](const log::ReadDecision& decision) {
            events += static_cast<std::int64_t>(decision.events.size());
        }));
    }
    if (events == 0) throw std::runtime_error("no event of the log counts");
    return pass;
}

Topic look_at(const Arguments& arguments) {
    Topic topic{
        .bootstrap = arguments.text("kafka"), .context = arguments.text("context", "gamification"), .partitions = {}};
    log::EventReader reader{topic.bootstrap};
    topic.partitions = reader.partitions_of(topic.context);
    for (const auto& partition : topic.partitions) topic.records += reader.watermarks(partition).next.value;
    if (topic.records == 0) throw std::runtime_error("the log is empty");
    return topic;
}

/// The median of some passes: the first finds nothing in the broker's memory.
template <class OnePass>
double rate_of(int passes, const OnePass& one_pass) {
    std::vector<double> rates;
    for (int count = 0; count < passes; ++count) rates.push_back(one_pass().rate());
    std::ranges::sort(rates);
    return rates[rates.size() / 2];
}

std::string measure(const Arguments& arguments) {
    auto topic = look_at(arguments);
    const int passes = arguments.count("passes", 3);
    raw_pass(topic, [&](std::string_view record) { topic.bytes += static_cast<std::int64_t>(record.size()); });
    const auto consumed = rate_of(passes, [&] { return raw_pass(topic, [](std::string_view) {}); });
    const auto parsed = rate_of(passes, [&] { return raw_pass(topic, parse); });
    const auto valid = rate_of(passes, [&] { return valid_pass(topic); });
    return fmt::format(R"({{"records":{},"meanBytes":{},"consume":{:.0f},"parse":{:.0f},"read":{:.0f}}})",
                       topic.records, topic.bytes / topic.records, consumed, parsed, valid);
}

}  // namespace
}  // namespace kiroku::bench

int main(int argc, char** argv) { return kiroku::bench::measure_and_print(argc, argv, kiroku::bench::measure); }
