#include "infra/replay/records.hpp"

#include <algorithm>
#include <chrono>

#include "infra/kafka/consumer.hpp"
#include "infra/replay/ranges.hpp"

namespace kiroku::replay {
namespace {

using kafka::Message;
using std::chrono::steady_clock;

constexpr int wait_ms = 100;
constexpr std::chrono::milliseconds between_news{200};
constexpr std::int64_t read_through = 1'000;  // records that lie between two wanted ones and are read rather than leapt

/// For each partition where its reading ends.
using Ends = std::map<kafka::TopicPartition, Offset>;

/// Reads on until all of `ends` are reached, or `stop`.
bool read_to(kafka::Consumer& consumer, Ends ends, const std::function<void(const kafka::Record&)>& visit,
             const std::stop_token& stop) {
    while (!ends.empty() && !stop.stop_requested()) {
        const auto message = consumer.poll(wait_ms);
        if (message.kind() == Message::Kind::nothing) continue;
        if (message.kind() == Message::Kind::fault) {
            if (message.final() || message.offset_lost()) throw kafka::BrokerError(message.fault());
            continue;
        }
        const auto record = message.record();
        const auto end = ends.find({std::string{record.topic}, record.partition});
        if (end == ends.end()) continue;
        const bool is_record = message.kind() == Message::Kind::record;
        if (is_record && record.offset < end->second) visit(record);
        const auto next = record.offset.value + (is_record ? 1 : 0);
        if (!is_record || next >= end->second.value) ends.erase(end);
    }
    return ends.empty();
}

}  // namespace

bool each_record(const std::string& bootstrap, std::span<const std::string> topics, Instant since,
                 const std::function<void(const kafka::Record&)>& visit,
                 const std::function<void(const RecordsRead&)>& on_progress, const std::stop_token& stop) {
    kafka::Consumer consumer{bootstrap};
    std::vector<kafka::Start> starts;
    Ends ends;
    RecordsRead read;
    for (const auto& topic : topics) {
        const int partitions = consumer.partitions_of(topic);
        for (int number = 0; number < partitions; ++number) {
            const kafka::TopicPartition where{topic, number};
            const auto marks = consumer.watermarks(where);
            const auto found = consumer.offset_at(where, since - clocks_differ).value_or(marks.next);
            const auto first = std::clamp(found, marks.first, marks.next);
            if (first >= marks.next) continue;
            starts.push_back({where, first});
            ends.emplace(where, marks.next);
            read.all += static_cast<std::uint64_t>(marks.next.value - first.value);
        }
    }
    consumer.assign(starts);
    auto next_news = steady_clock::now() + between_news;
    const auto count = [&](const kafka::Record& record) {
        visit(record);
        ++read.done;
        if (read.done % 1'024 != 0 || steady_clock::now() < next_news) return;
        on_progress(read);
        next_news = steady_clock::now() + between_news;
    };
    return read_to(consumer, std::move(ends), count, stop);
}

std::map<Place, Instant> times_of(const std::string& bootstrap, std::set<Place> places, const std::stop_token& stop) {
    std::map<Place, Instant> times;
    kafka::Consumer consumer{bootstrap};
    while (!places.empty() && !stop.stop_requested()) {
        std::vector<kafka::Start> starts;
        Ends ends;
        for (const auto& [where, offset] : places) {
            if (starts.empty() || starts.back().where != where) starts.push_back({where, offset});
            if (offset.value < starts.back().offset.value + read_through) ends[where] = Offset{offset.value + 1};
        }
        consumer.assign(starts);
        const auto note = [&](const kafka::Record& record) {
            const Place place{{std::string{record.topic}, record.partition}, record.offset};
            if (places.contains(place)) times.emplace(place, record.timestamp);
        };
        read_to(consumer, ends, note, stop);
        std::erase_if(places, [&](const Place& place) { return place.second < ends.at(place.first); });
    }
    return times;
}

}  // namespace kiroku::replay
