#include "projections/engine/status.hpp"

#include <algorithm>

#include "projections/engine/parked.hpp"
#include "projections/engine/versions.hpp"

namespace kiroku::projections {
namespace {

constexpr double behind_after_seconds = 5;

std::map<log::Partition, Offset> unread_of(const ReadModelStatus& status) {
    std::map<log::Partition, Offset> unread;
    for (const auto& one : status.partitions) {
        if (one.lag_events > 0) unread.emplace(one.partition, one.next);
    }
    return unread;
}

ReadModelStatus status_of_one(postgres::Connection& connection, LogProbe& log, const ReadModel& model, Instant now) {
    ReadModelStatus status{.read_model = model.name, .partitions = {}, .position = {}};
    for (const auto& [partition, checkpoint] : read_checkpoints(connection, model.name)) {
        const auto next = checkpoint.cursor.next;
        const auto lag = std::max<std::int64_t>(0, log.watermarks(partition).next.value - next.value);
        status.partitions.push_back({partition, next, lag, checkpoint.halted});
        status.lag_events += lag;
        if (next.value > 0) status.position.include(partition.context, partition.number, Offset{next.value - 1});
    }
    status.parked = static_cast<std::int64_t>(parked_keys(connection, model.name).size());
    for (const auto& [partition, time] : log.times_at(unread_of(status))) {
        status.lag_seconds = std::max(status.lag_seconds, std::chrono::duration<double>(now - time).count());
    }
    return status;
}

}  // namespace

std::string_view ReadModelStatus::state() const {
    if (partitions.empty()) return "never projected";
    if (std::ranges::any_of(partitions, [](const auto& one) { return !one.halted.empty(); })) return "halted";
    return lag_seconds > behind_after_seconds ? "behind" : "live";
}

std::vector<ReadModelStatus> status_of(postgres::Connection& connection, LogProbe& log,
                                       const std::vector<ReadModel>& read_models, Instant now) {
    std::vector<ReadModelStatus> all;
    for (const auto& model : read_models) all.push_back(status_of_one(connection, log, model, now));
    for (const auto& version : versions_of(connection)) {
        const auto found = std::ranges::find(all, version.read_model, &ReadModelStatus::read_model);
        if (found != all.end() && version.state == VersionState::live) found->version = version.number;
    }
    return all;
}

}  // namespace kiroku::projections
