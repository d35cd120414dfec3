#include "commands/decider/measures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kiroku::commands {
namespace {

constexpr std::array measures_told{
    runtime::Measure{"kiroku_decide_owned", "gauge", "1 while the partition is decided here."},
    runtime::Measure{"kiroku_decide_term", "gauge", "The fence in force: its offset in the event partition."},
    runtime::Measure{"kiroku_decide_fences_total", "counter", "Fences written: each is a takeover."},
    runtime::Measure{"kiroku_decide_events_read_total", "counter", "Events read while taking over."},
    runtime::Measure{"kiroku_decide_void_records_total", "counter", "Void records met while taking over."},
    runtime::Measure{"kiroku_decide_halted", "gauge", "1 if history halts the partition; the alarm says why."},
    runtime::Measure{"kiroku_decide_version_holes", "gauge", "1 if that is because a version is missing."},
    runtime::Measure{"kiroku_decide_unanswered_commands", "gauge", "Commands that lie there without an answer."},
    runtime::Measure{"kiroku_decide_oldest_unanswered_seconds", "gauge", "How long the oldest of them has lain there."},
    runtime::Measure{"kiroku_decide_accepted_total", "counter", "Commands that led to events."},
    runtime::Measure{"kiroku_decide_quiet_total", "counter", "Commands that had nothing to do."},
    runtime::Measure{"kiroku_decide_refused_total", "counter", "Commands refused, for whichever reason."},
    runtime::Measure{"kiroku_decide_expired_total", "counter", "Of those: they had waited too long."},
    runtime::Measure{"kiroku_decide_forbidden_commands_total", "counter", "Of those: their sender may not send them."},
    runtime::Measure{"kiroku_decide_poison_commands_total", "counter", "Of those: deciding them failed."},
    runtime::Measure{"kiroku_decide_replayed_total", "counter", "Commands answered with their first decision."},
    runtime::Measure{"kiroku_decide_skipped_total", "counter", "Commands met again that were answered before."},
    runtime::Measure{"kiroku_decide_unreadable_commands_total", "counter", "Records that are no commands."},
};

double seconds_since(Instant then, Instant now) {
    return std::max(0.0, std::chrono::duration<double>(now - then).count());
}

}  // namespace

std::span<const runtime::Measure> decider_measures() { return measures_told; }

std::string problem_of(const PartitionOwner& owner) {
    using Phase = PartitionOwner::Phase;
    const auto number = owner.partition().number;
    switch (owner.phase()) {
        case Phase::owning: return "";
        case Phase::halted: return fmt::format("partition {} is halted: {}", number, owner.alarm());
        case Phase::catching_up: return fmt::format("partition {} is catching up", number);
        default: return fmt::format("partition {} is being taken over", number);
    }
}

std::vector<runtime::Sample> PartitionMeasures::take(const PartitionOwner& owner, Offset end, Instant now) {
    const auto& counts = owner.counts();
    const auto where =
        fmt::format(R"(context="{}",partition="{}")", owner.partition().context, owner.partition().number);
    const bool owned = owner.phase() == PartitionOwner::Phase::owning;
    const auto answered = owner.answered().value_or(end);
    std::vector<runtime::Sample> samples{
        {"kiroku_decide_owned", where, owned ? 1.0 : 0.0},
        {"kiroku_decide_term", where, double(owner.term().value)},
        {"kiroku_decide_version_holes", where, owner.alarm() == "version_hole" ? 1.0 : 0.0},
        {"kiroku_decide_unanswered_commands", where, double(std::max<std::int64_t>(0, end.value - answered.value))},
        {"kiroku_decide_oldest_unanswered_seconds", where, oldest_seconds(owner, end, now)}};
    const auto total = [&](std::string_view name, std::uint64_t count) {
        samples.push_back({name, where, double(count)});
    };
    total("kiroku_decide_fences_total", counts.takeovers);
    total("kiroku_decide_events_read_total", counts.events_read);
    total("kiroku_decide_void_records_total", counts.void_records);
    total("kiroku_decide_accepted_total", counts.accepted);
    total("kiroku_decide_quiet_total", counts.quiet);
    total("kiroku_decide_refused_total", counts.refused);
    total("kiroku_decide_expired_total", counts.expired);
    total("kiroku_decide_forbidden_commands_total", counts.forbidden);
    total("kiroku_decide_poison_commands_total", counts.poison);
    total("kiroku_decide_replayed_total", counts.replayed);
    total("kiroku_decide_skipped_total", counts.skipped);
    total("kiroku_decide_unreadable_commands_total", counts.unreadable);
    if (!owner.alarm().empty())
        samples.push_back({"kiroku_decide_halted", fmt::format(R"({},alarm="{}")", where, owner.alarm()), 1.0});
    return samples;
}

/// Exactly for commands that are decided but unproven. Of those that are still to be fetched only so much is known:
/// they are about as old as the last that was looked at, if it goes on; else they wait since it went on last.
double PartitionMeasures::oldest_seconds(const PartitionOwner& owner, Offset end, Instant now) {
    const bool goes_on = owner.next_command() != next_;
    next_ = owner.next_command();
    if (const auto oldest = owner.oldest_unproven()) return seconds_since(*oldest, now);
    if (end <= next_) {
        stuck_since_ = {};
        return 0;
    }
    if (goes_on || stuck_since_ == Instant{}) stuck_since_ = now;
    return seconds_since(goes_on && owner.last_recorded() != Instant{} ? owner.last_recorded() : stuck_since_, now);
}

}  // namespace kiroku::commands
