#include "infra/audit/partition_audit.hpp"

#include <fmt/format.h>

namespace kiroku::audit {

PartitionAudit::PartitionAudit(log::Partition partition)
    : partition_(std::move(partition)), chain_(fmt::format("{}/{}", partition_.context, partition_.number)) {}

void PartitionAudit::expect(Offset next, std::string chain) { expected_.emplace(next, std::move(chain)); }

void PartitionAudit::take(const kafka::Record& record) {
    if (record.offset != next_) {
        find(next_, fmt::format("records_missing: the next record lies at offset {}", record.offset.value));
        next_ = record.offset;
        reader_.skip_to(next_);
    }
    ++next_.value;
    ++counts_.records;
    chain_.add(record.offset.value, record.key, record.value);
    compare();
    try {
        if (const auto decision = reader_.accept(record); !decision.empty()) check(decision);
    } catch (const log::UnreadableRecord& damage) {
        find(record.offset, fmt::format("unreadable_record: {}", damage.what()));
    }
}

void PartitionAudit::compare() {
    if (expected_.empty() || expected_.begin()->first > next_) return;
    const auto now = chain_.hex();
    while (!expected_.empty() && expected_.begin()->first <= next_) {
        const bool same = expected_.begin()->first == next_ && expected_.begin()->second == now;
        expected_.erase(expected_.begin());
        if (same) continue;
        find(next_, "rewritten: what lies before it isn't what was signed");
        return expected_.clear();  // nor can anything behind it be
    }
}

void PartitionAudit::finish() {
    if (expected_.empty()) return;
    find(next_, fmt::format("cut_off: {} records were signed, the log ends here", expected_.rbegin()->first.value));
    expected_.clear();
}

void PartitionAudit::check(std::span<const log::RecordedEvent> decision) {
    ++counts_.decisions;
    const auto& [first, offset, text] = decision.front();
    if (!commands_.insert(first.command).second)
        find(offset, fmt::format("decided_twice: command {}", to_string(first.command)));
    if (first.command_offset <= last_command_) {
        find(offset, fmt::format("out_of_order: it answers the command at {}, the decision before it the one at {}",
                                 first.command_offset.value, last_command_.value));
    }
    last_command_ = std::max(last_command_, first.command_offset);
    for (const auto& [event, at, record] : decision) {
        if (event.command != first.command || event.subject != first.subject)
            find(at, "mixed_decision: its parts are of different commands or aggregates");
        if (event.context() != partition_.context)
            find(at, fmt::format("foreign_event: {} in the log of {}", event.type, partition_.context));
    }
    check_versions(decision);
}

void PartitionAudit::check_versions(std::span<const log::RecordedEvent> decision) {
    const auto& first = decision.front().envelope;
    auto& version = versions_[{std::string{first.aggregate_name()}, first.aggregate}];
    for (const auto& [event, offset, text] : decision) {
        if (event.version.value != version + 1) {
            find(offset, fmt::format("version_hole: {} goes on with version {} after {}", event.subject,
                                     event.version.value, version));
        }
        version = event.version.value;
    }
}

void PartitionAudit::find(Offset offset, std::string what) {
    ++counts_.findings;
    if (findings_.size() < most_kept) findings_.push_back({offset, std::move(what)});
}

AuditCounts PartitionAudit::counts() const {
    auto counts = counts_;
    counts.events = reader_.counts().events;
    counts.fences = reader_.counts().fences;
    counts.void_records = reader_.counts().void_records;
    return counts;
}

}  // namespace kiroku::audit
