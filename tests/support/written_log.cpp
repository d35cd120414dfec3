#include "tests/support/written_log.hpp"

#include <doctest/doctest.h>

#include "infra/kafka/admin.hpp"
#include "infra/log/command.hpp"
#include "infra/log/topics.hpp"
#include "tests/support/servers.hpp"

namespace kiroku::test {

WrittenLog::WrittenLog(int partitions)
    : context_(unused_name()),
      owners_(static_cast<std::size_t>(partitions)),
      producer_(kafka_server(), [this](const kafka::Delivery& delivery) {
          if (!delivery.delivered) failures_.push_back(delivery.error);
      }) {
    const std::string_view contexts[]{context_};
    kafka::Admin admin{kafka_server()};
    for (const auto& plan : log::topic_plans(contexts, partitions, 1)) {
        if (plan.name == log::event_topic(context_)) admin.create(plan, 1);
    }
    REQUIRE(producer_.partitions_of(log::event_topic(context_)) == partitions);
    for (int partition = 0; partition < partitions; ++partition) fence(partition);
}

log::Partition WrittenLog::partition_of(const Uuid& aggregate) const {
    return {context_, kafka::partition_of(to_string(aggregate), partitions())};
}

void WrittenLog::send(int partition, std::string_view key, const std::string& value) {
    while (!producer_.send(log::event_topic(context_), partition, key, value, 0)) producer_.poll(10);
    ++owners_[static_cast<std::size_t>(partition)].next;
    producer_.poll();
}

void WrittenLog::fence(int partition) {
    auto& owner = owners_[static_cast<std::size_t>(partition)];
    owner.term = log::Term{owner.next};
    owner.sequence = 0;
    send(partition, "", log::fence_record(context_, "a test", at("2026-03-06T12:00:00Z")));
}

std::int64_t& WrittenLog::version_of(const Happened& event) {
    return versions_[{event.aggregate_name, event.aggregate}];
}

std::string WrittenLog::record(const Happened& event, const log::Place& place, std::int64_t version) const {
    const auto subject = event.aggregate_name + '/' + to_string(event.aggregate);
    log::Envelope envelope;
    envelope.id = event.id;
    envelope.type = event.type;
    envelope.subject = subject;
    envelope.time = event.time;
    envelope.place = place;
    envelope.version = {version};
    envelope.command = CommandId{event.id.value};
    envelope.command_hash = "hash";
    envelope.actor = "operator/test";
    envelope.data = event.data;
    std::string text;
    log::write_envelope(envelope, text);
    return text;
}

Offset WrittenLog::write(const Told& told) {
    const auto last = append(told);
    settle();
    return last;
}

Offset WrittenLog::append(const Told& told) {
    const auto partition = partition_of(told.front().aggregate).number;
    auto& owner = owners_[static_cast<std::size_t>(partition)];
    for (int part = 1; const auto& event : told) {
        const log::Place place{owner.term, log::Sequence{++owner.sequence}, part++, static_cast<int>(told.size())};
        send(partition, to_string(event.aggregate), record(event, place, ++version_of(event)));
    }
    return Offset{owner.next - 1};
}

void WrittenLog::write(const std::vector<Told>& story) {
    for (const auto& told : story) append(told);
    settle();
}

void WrittenLog::write_void(const Told& told) {
    const auto partition = partition_of(told.front().aggregate).number;
    const auto& owner = owners_[static_cast<std::size_t>(partition)];
    const log::Place place{owner.term, log::Sequence{owner.sequence + 7}, 1, 1};
    send(partition, to_string(told.front().aggregate), record(told.front(), place, version_of(told.front()) + 1));
    settle();
}

void WrittenLog::settle() {
    REQUIRE(producer_.flush(20'000));
    REQUIRE(failures_.empty());
}

std::map<log::Partition, Offset> WrittenLog::ends() {
    std::map<log::Partition, Offset> ends;
    for (int number = 0; const auto& owner : owners_)
        ends.emplace(log::Partition{context_, number++}, Offset{owner.next});
    return ends;
}

}  // namespace kiroku::test
