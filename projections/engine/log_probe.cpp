#include "projections/engine/log_probe.hpp"

#include <fmt/format.h>

#include "infra/log/command.hpp"

namespace kiroku::projections {
namespace {

constexpr std::chrono::seconds answer_within{15};

kafka::TopicPartition topic_of(const log::Partition& partition) {
    return {log::event_topic(partition.context), partition.number};
}

std::string name_of(const log::Partition& partition) {
    return fmt::format("{}/{}", partition.context, partition.number);
}

}  // namespace

std::vector<log::Partition> LogProbe::partitions_of(const std::vector<std::string>& contexts) {
    std::vector<log::Partition> partitions;
    for (const auto& context : contexts) {
        const int count = consumer_.partitions_of(log::event_topic(context));
        for (int number = 0; number < count; ++number) partitions.push_back({context, number});
    }
    return partitions;
}

void LogProbe::check(const std::string& read_model, const Checkpoints& checkpoints) {
    Places begun;
    Places firsts;
    for (const auto& [partition, checkpoint] : checkpoints) {
        if (checkpoint.cursor.next.value == 0) continue;
        const auto watermarks = this->watermarks(partition);
        if (watermarks.first.value > 0 || watermarks.next < checkpoint.cursor.next) {
            throw LogMismatch(fmt::format(
                "{} has read {} up to offset {}, but the log holds {} to {}: it was cut, or made again", read_model,
                name_of(partition), checkpoint.cursor.next.value, watermarks.first.value, watermarks.next.value));
        }
        firsts.emplace(partition, Offset{0});
        if (checkpoint.last_event) begun.emplace(partition, checkpoint.last_offset);
    }
    look_up(firsts);
    look_up(begun);
    for (const auto& [partition, offset] : firsts) check_one(read_model, partition, checkpoints.at(partition));
}

void LogProbe::check_one(const std::string& read_model, const log::Partition& partition, const Checkpoint& checkpoint) {
    if (checkpoint.log_id && id_at(partition, Offset{0}) != checkpoint.log_id) {
        throw LogMismatch(fmt::format("{} was made from another log: the first record of {} has another id", read_model,
                                      name_of(partition)));
    }
    if (checkpoint.last_event && id_at(partition, checkpoint.last_offset) != checkpoint.last_event->value) {
        throw LogMismatch(fmt::format("{} was made from another log: at offset {} of {} lies another event", read_model,
                                      checkpoint.last_offset.value, name_of(partition)));
    }
}

std::optional<Uuid> LogProbe::log_id(const log::Partition& partition) {
    if (const auto known = id_at(partition, Offset{0})) return known;
    if (watermarks(partition).next.value == 0) return std::nullopt;
    look_up({{partition, Offset{0}}});
    return id_at(partition, Offset{0});
}

Uuid LogProbe::first_id(const log::Partition& partition) {
    const auto found = log_id(partition);
    if (!found) throw kafka::BrokerError("the first record of a partition that has records can't be read");
    return *found;
}

std::map<log::Partition, Instant> LogProbe::times_at(const Places& places) {
    Places there;
    for (const auto& [partition, offset] : places) {
        if (offset < watermarks(partition).next) there.emplace(partition, offset);
    }
    look_up(there);
    std::map<log::Partition, Instant> times;
    for (const auto& place : there) times.emplace(place.first, found_.at({place.first, place.second}).time);
    return times;
}

kafka::Watermarks LogProbe::watermarks(const log::Partition& partition) {
    return consumer_.watermarks(topic_of(partition));
}

std::optional<Uuid> LogProbe::id_at(const log::Partition& partition, Offset offset) const {
    const auto found = found_.find({partition, offset});
    return found == found_.end() ? std::nullopt : std::optional{found->second.id};
}

void LogProbe::look_up(const Places& places) {
    std::map<kafka::TopicPartition, std::pair<log::Partition, Offset>> wanted;
    std::vector<kafka::Start> starts;
    for (const auto& [partition, offset] : places) {
        if (id_at(partition, offset)) continue;
        wanted.emplace(topic_of(partition), std::pair{partition, offset});
        starts.push_back({topic_of(partition), offset});
    }
    if (wanted.empty()) return;
    consumer_.assign(starts);
    const auto give_up = std::chrono::steady_clock::now() + answer_within;
    while (!wanted.empty() && std::chrono::steady_clock::now() < give_up) {
        const auto message = consumer_.poll(100);
        if (message.kind() != kafka::Message::Kind::record) continue;
        const auto record = message.record();
        const auto place = wanted.find({std::string{record.topic}, record.partition});
        if (place == wanted.end()) continue;
        const auto envelope = log::read_envelope(record.value);
        if (record.offset == place->second.second && envelope)
            found_[place->second] = {envelope->id.value, record.timestamp};
        wanted.erase(place);
    }
    consumer_.assign({});
    if (!wanted.empty()) throw kafka::BrokerError(fmt::format("{} doesn't answer", wanted.begin()->first.topic));
}

}  // namespace kiroku::projections
