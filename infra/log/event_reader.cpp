#include "infra/log/event_reader.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "infra/log/command.hpp"

namespace kiroku::log {
namespace {

constexpr int answer_timeout_ms = 10'000;
constexpr std::int64_t first_search_back = 512;  // records; four times more with each step

kafka::TopicPartition topic_of(const Partition& partition) {
    return {event_topic(partition.context), partition.number};
}

}  // namespace

EventReader::EventReader(std::string bootstrap, std::chrono::milliseconds gathering)
    : consumer_(std::move(bootstrap), gathering) {}

std::vector<Partition> EventReader::partitions_of(const std::string& context) {
    std::vector<Partition> partitions;
    for (int number = 0; number < consumer_.partitions_of(event_topic(context)); ++number)
        partitions.push_back({context, number});
    return partitions;
}

void EventReader::read(std::map<Partition, Cursor> from) {
    std::vector<kafka::Start> starts;
    readings_.clear();
    for (const auto& [partition, cursor] : from) {
        contexts_[event_topic(partition.context)] = partition.context;
        readings_.emplace(partition, Reading{PartitionReader{cursor}});
        starts.push_back({topic_of(partition), cursor.next});
    }
    consumer_.assign(starts);
}

int EventReader::poll(int timeout_ms, int most, const OnDecision& on_decision) {
    int taken = 0;
    for (auto message = consumer_.poll(timeout_ms); message.kind() != kafka::Message::Kind::nothing;
         message = consumer_.poll(0)) {
        take(message, on_decision);
        if (message.kind() == kafka::Message::Kind::record && ++taken == most) return taken;
    }
    return taken;
}

void EventReader::take(const kafka::Message& message, const OnDecision& on_decision) {
    if (message.kind() == kafka::Message::Kind::fault) {
        if (message.offset_lost())
            throw kafka::BrokerError("the log doesn't hold the offset to read from: " + message.fault());
        spdlog::warn("reading events: {}", message.fault());
        return;
    }
    const auto record = message.record();
    const auto context = contexts_.find(record.topic);
    if (context == contexts_.end()) return;
    const auto found = readings_.find(Partition{context->second, record.partition});
    if (found == readings_.end()) return;
    auto& [partition, reading] = *found;
    reading.at_end = message.kind() == kafka::Message::Kind::end_of_partition;
    if (reading.at_end) return;
    const auto events = reading.reader.accept(record);
    if (!events.empty()) on_decision({partition, events, reading.reader.cursor()});
}

bool EventReader::at_end(const Partition& partition) const { return readings_.at(partition).at_end; }

bool EventReader::all_at_end() const {
    return std::ranges::all_of(readings_, [](const auto& reading) { return reading.second.at_end; });
}

void EventReader::hold(const Partition& partition) { consumer_.drop(topic_of(partition)); }

void EventReader::go_on(const Partition& partition) {
    auto& reading = readings_.at(partition);
    reading.at_end = false;
    consumer_.add({topic_of(partition), reading.reader.next()});
}

const PartitionReader& EventReader::reader(const Partition& partition) const { return readings_.at(partition).reader; }

Cursor EventReader::cursor_before(const Partition& partition, Offset offset) {
    const auto first = watermarks(partition).first;
    auto to = offset;
    for (auto back = first_search_back; to > first; back *= 4) {
        const Offset from{std::max(first.value, to.value - back)};
        if (const auto fence = last_fence_in(partition, from, to)) return {*fence, {}};
        to = from;
    }
    return {first, {}};
}

std::optional<Offset> EventReader::last_fence_in(const Partition& partition, Offset from, Offset to) {
    std::optional<Offset> fence;
    consumer_.assign({{topic_of(partition), from}});
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds{answer_timeout_ms};
    while (std::chrono::steady_clock::now() < give_up) {
        const auto message = consumer_.poll(100);
        if (message.kind() == kafka::Message::Kind::end_of_partition) return fence;
        if (message.kind() != kafka::Message::Kind::record) continue;
        const auto record = message.record();
        if (record.offset >= to) return fence;
        const auto envelope = read_envelope(record.value);
        if (envelope && envelope->is_fence()) fence = record.offset;
        if (record.offset.value + 1 == to.value) return fence;
    }
    throw kafka::BrokerError(fmt::format("{} doesn't answer", topic_of(partition).topic));
}

kafka::Watermarks EventReader::watermarks(const Partition& partition) {
    return consumer_.watermarks(topic_of(partition));
}

Offset EventReader::offset_at(const Partition& partition, Instant time) {
    const auto found = consumer_.offset_at(topic_of(partition), time);
    return found ? *found : watermarks(partition).next;
}

}  // namespace kiroku::log
