#include "infra/replay/ends_at.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "infra/log/event_reader.hpp"
#include "infra/replay/ranges.hpp"

namespace kiroku::replay {
namespace {

using Ends = std::map<log::Partition, Offset>;

constexpr int wait_ms = 100;
constexpr int most_records = 5'000;
constexpr std::chrono::seconds answer_within{30};

std::vector<log::Partition> partitions_of(log::EventReader& reader, std::span<const std::string> contexts) {
    std::vector<log::Partition> all;
    for (const auto& context : contexts) std::ranges::copy(reader.partitions_of(context), std::back_inserter(all));
    return all;
}

/// Reads on until everything that is waited for was seen.
void read_until(log::EventReader& reader, const std::function<bool()>& done, const log::EventReader::OnDecision& see) {
    const auto give_up = std::chrono::steady_clock::now() + answer_within;
    while (!done()) {
        if (std::chrono::steady_clock::now() > give_up)
            throw kafka::BrokerError("the log gives nothing more, and should");
        reader.poll(wait_ms, most_records, see);
    }
}

/// The first decision that was recorded later than `time`, from shortly before it on.
Ends ends_at_time(const std::string& bootstrap, const std::vector<log::Partition>& partitions, Instant time) {
    log::EventReader looking{bootstrap};
    Ends ends;
    std::map<log::Partition, log::Cursor> from;
    for (const auto& partition : partitions) {
        ends[partition] = looking.watermarks(partition).next;
        from[partition] = looking.cursor_before(partition, looking.offset_at(partition, time - clocks_differ));
    }
    log::EventReader reader{bootstrap};
    reader.read(from);
    const auto is_known = [&](const auto& end) { return reader.reader(end.first).next() >= end.second; };
    read_until(
        reader, [&] { return std::ranges::all_of(ends, is_known); },
        [&](const log::ReadDecision& decision) {
            const auto& first = decision.events.front();
            auto& end = ends.at(decision.partition);
            if (first.envelope.time > time) end = std::min(end, first.offset);
        });
    return ends;
}

/// When the latest of these records was written.
Instant time_of(const std::string& bootstrap, const Ends& behind) {
    log::EventReader looking{bootstrap};
    std::map<log::Partition, log::Cursor> from;
    for (const auto& [partition, end] : behind) {
        if (end <= looking.watermarks(partition).first) continue;
        from[partition] = looking.cursor_before(partition, Offset{end.value - 1});
    }
    log::EventReader reader{bootstrap};
    reader.read(from);
    Instant latest{};
    read_until(
        reader,
        [&] {
            return std::ranges::all_of(
                from, [&](const auto& one) { return reader.reader(one.first).next() >= behind.at(one.first); });
        },
        [&](const log::ReadDecision& decision) {
            if (decision.events.front().offset < behind.at(decision.partition))
                latest = std::max(latest, decision.events.back().envelope.time);
        });
    return latest;
}

Ends ends_at_position(const std::string& bootstrap, const std::vector<log::Partition>& partitions,
                      const log::Position& position) {
    log::EventReader looking{bootstrap};
    Ends named;
    for (const auto& [where, offset] : position.offsets()) {
        const log::Partition partition{where.first, where.second};
        if (std::ranges::find(partitions, partition) == partitions.end()) continue;
        named[partition] = std::min(Offset{offset.value + 1}, looking.watermarks(partition).next);
    }
    if (named.empty()) throw UnknownPartition(fmt::format("no partition of what is read ({})", position.text()));
    auto ends = ends_at_time(bootstrap, partitions, time_of(bootstrap, named));
    for (const auto& [partition, end] : named) ends[partition] = end;
    return ends;
}

}  // namespace

std::map<log::Partition, Offset> ends_at(const std::string& bootstrap, std::span<const std::string> contexts,
                                         const Moment& moment) {
    log::EventReader reader{bootstrap};
    const auto partitions = partitions_of(reader, contexts);
    if (const auto* time = std::get_if<Instant>(&moment)) return ends_at_time(bootstrap, partitions, *time);
    return ends_at_position(bootstrap, partitions, std::get<log::Position>(moment));
}

}  // namespace kiroku::replay
