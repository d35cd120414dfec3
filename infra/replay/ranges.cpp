#include "infra/replay/ranges.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/kafka/record.hpp"

namespace kiroku::replay {
namespace {

template <class Kind>
const Kind* as(const std::optional<Moment>& moment) {
    return moment ? std::get_if<Kind>(&*moment) : nullptr;
}

std::optional<Offset> named(const log::Position& position, const log::Partition& partition) {
    const auto found = position.offsets().find({partition.context, partition.number});
    return found == position.offsets().end() ? std::nullopt : std::optional{found->second};
}

/// No event was recorded before its own time, which is its command's: so none from `since` on lies before this.
Offset first_since(log::EventReader& reader, const log::Partition& partition, const Period& period,
                   const kafka::Watermarks& marks) {
    if (const auto* time = as<Instant>(period.since)) {
        const auto found = reader.offset_at(partition, *time - clocks_differ);
        return std::clamp(found, marks.first, marks.next);
    }
    const auto* position = as<log::Position>(period.since);
    return position == nullptr ? marks.first : named(*position, partition).value_or(marks.first);
}

Range ending_at(const Period& period, Range range) {
    if (const auto* time = as<Instant>(period.until)) range.until = *time;
    if (const auto* position = as<log::Position>(period.until)) {
        if (const auto last = named(*position, range.partition))
            range.end = std::min(range.end, Offset{last->value + 1});
    }
    return range;
}

Range range_of(log::EventReader& reader, const log::Partition& partition, const Period& period) {
    const auto marks = reader.watermarks(partition);
    Range range = ending_at(period, {.partition = partition,
                                     .from = {marks.first, {}},
                                     .first = first_since(reader, partition, period, marks),
                                     .end = marks.next,
                                     .present_end = marks.next,
                                     .until = std::nullopt});
    if (range.first < range.end || !period.until)
        range.from = reader.cursor_before(partition, std::min(range.first, marks.next));
    return range;
}

/// A position may well speak of contexts that aren't read: answers' positions do.
void check_known(const std::optional<Moment>& moment, const std::vector<log::Partition>& partitions) {
    const auto* position = as<log::Position>(moment);
    if (position == nullptr) return;
    for (const auto& [where, offset] : position->offsets()) {
        const auto of_context = [&](const auto& partition) { return partition.context == where.first; };
        if (std::ranges::any_of(partitions, of_context) &&
            std::ranges::find(partitions, log::Partition{where.first, where.second}) == partitions.end())
            throw UnknownPartition(fmt::format("{}/{}", where.first, where.second));
    }
}

}  // namespace

std::vector<Range> ranges_of(const std::string& bootstrap, std::span<const std::string> contexts, const Period& period,
                             const std::optional<Uuid>& aggregate) {
    log::EventReader reader{bootstrap};
    std::vector<log::Partition> all;
    std::vector<log::Partition> wanted;
    for (const auto& context : contexts) {
        const auto of_context = reader.partitions_of(context);
        const auto home =
            aggregate ? kafka::partition_of(to_string(*aggregate), static_cast<int>(of_context.size())) : -1;
        std::ranges::copy(of_context, std::back_inserter(all));
        std::ranges::copy_if(of_context, std::back_inserter(wanted),
                             [&](const auto& partition) { return !aggregate || partition.number == home; });
    }
    check_known(period.since, all);
    check_known(period.until, all);
    std::vector<Range> ranges;
    for (const auto& partition : wanted) ranges.push_back(range_of(reader, partition, period));
    return ranges;
}

std::vector<Range> ranges_of(const std::string& bootstrap, std::span<const Rest> rest, const Period& period) {
    log::EventReader reader{bootstrap};
    std::vector<Range> ranges;
    for (const auto& [partition, first, from] : rest) {
        const auto end = reader.watermarks(partition).next;
        ranges.push_back(ending_at(period, {.partition = partition,
                                            .from = from,
                                            .first = first,
                                            .end = end,
                                            .present_end = end,
                                            .until = std::nullopt}));
    }
    return ranges;
}

}  // namespace kiroku::replay
