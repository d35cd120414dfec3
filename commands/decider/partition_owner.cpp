// commands/decider/partition_owner.cpp: taking a partition over, and the proof of what was written. Deciding:
// deciding.cpp.
#include "commands/decider/partition_owner.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::commands {
namespace {

constexpr std::size_t most_loaded = 20'000;    // aggregates in memory, a partition
constexpr std::size_t most_unwritten = 4'000;  // changes in a batch while catching up
constexpr int round_shift = 32;

}  // namespace

PartitionOwner::PartitionOwner(const Context& context, log::Partition partition, store::OrderedMap& store,
                               Outlet& outlet, std::string owner, std::optional<Offset> answered, OwnerRule rule)
    : context_(context),
      partition_(partition),
      store_(store, std::move(partition)),
      outlet_(outlet),
      owner_(std::move(owner)),
      rule_(rule),
      answered_(answered) {}

void PartitionOwner::take_over(Instant now, std::string_view why, Offset commands) {
    if (phase_ == Phase::halted) return;
    spdlog::info("{}/{}: taking over ({})", partition_.context, partition_.number, why);
    store_.write();
    pending_.clear();
    aggregates_.clear();
    versions_.clear();
    fenced_at_ = now;
    resumed_ = false;
    ++counts_.takeovers;
    round_ = outlet_.new_round();
    sent_ = 0;
    phase_ = Phase::fencing;
    if (!outlet_.append(partition_, {}, log::fence_record(context_.name, owner_, now, commands), round_ << round_shift))
        phase_ = Phase::idle;
}

void PartitionOwner::failed(std::uint64_t tag, std::string_view error) {
    if (tag >> round_shift != round_ || phase_ == Phase::idle || phase_ == Phase::halted) return;
    spdlog::warn("{}/{}: a record was not delivered: {}", partition_.context, partition_.number, error);
    phase_ = Phase::idle;  // in doubt: whoever runs us has us take over again
}

void PartitionOwner::delivered(std::uint64_t tag, Offset offset) {
    if (tag >> round_shift != round_) return;
    if (phase_ == Phase::fencing) return fenced(offset);
    if (phase_ != Phase::owning) return;
    if (rule_.proof && offset != next_offset_) {
        // Somebody else has written here. Perhaps only void records, perhaps a fence: reading will tell.
        spdlog::warn("{}/{}: a foreign record lies before offset {}", partition_.context, partition_.number,
                     offset.value);
        phase_ = Phase::idle;
        return;
    }
    next_offset_ = Offset{offset.value + 1};
    auto& front = pending_.front();
    front.last_event = offset;
    if (++front.delivered < front.events.size()) return;
    store_.include({front.type->name(), front.command.id}, front.decision(),
                   {next_offset_, {standing_.term, front.last}});
    settle();
}

void PartitionOwner::fenced(Offset fence) {
    fence_ = fence;
    standing_ = {log::Term{fence.value}, log::Sequence{0}};
    from_nothing_ = store_.progress().cursor.next == Offset{0};
    reader_ = log::PartitionReader{store_.progress().cursor, rule_.validity};
    phase_ = Phase::catching_up;
}

Offset PartitionOwner::read_from() const {
    const auto progress = store_.progress();
    return progress.last_event.value >= 0 ? progress.last_event : progress.cursor.next;
}

void PartitionOwner::start_over(std::string_view why) {
    spdlog::warn("{}/{}: the local store is of another log ({}); reading it all again", partition_.context,
                 partition_.number, why);
    store_.forget();
    from_nothing_ = true;
    versions_.clear();
    reader_ = log::PartitionReader{{}, rule_.validity};
}

bool PartitionOwner::read(const kafka::Record& record) {
    if (phase_ != Phase::catching_up || record.offset > fence_) return true;
    const auto progress = store_.progress();
    if (record.offset == progress.last_event && record.offset < reader_.cursor().next) {
        const auto envelope = log::read_envelope(record.value);
        if (!envelope || envelope->id != progress.last_event_id) {
            start_over("another event lies where the last one was");
            return false;
        }
    }
    try {
        const auto decision = reader_.accept(record);
        store_.hear(reader_.clock());
        if (!decision.empty()) include(decision);
    } catch (const log::UnreadableRecord& damage) {
        halt("unreadable_record", damage.what());
        return true;
    }
    if (record.offset == fence_ && phase_ == Phase::catching_up) caught_up();
    return true;
}

void PartitionOwner::include(std::span<const log::RecordedEvent> decision) {
    const auto& first = decision.front().envelope;
    const auto* type = type_named(first.aggregate_name());
    if (type == nullptr) return halt("unknown_aggregate", first.subject);
    const AggregateKey key{type->name(), first.aggregate};
    const auto [entry, met_first] = versions_.try_emplace(key, log::Version{0});
    auto& known = entry->second;
    if (met_first && !from_nothing_) known = store_.version_of(key);
    if (first.version.value != known.value + 1) {
        return halt("version_hole", fmt::format("{} goes on with version {} after {}", first.subject,
                                                first.version.value, known.value));
    }
    known.value += static_cast<std::int64_t>(decision.size());
    auto& events = read_events_;
    events.clear();
    for (const auto& [envelope, offset, text] : decision)
        events.push_back({envelope.id, envelope.time, envelope.type, envelope.data});
    const ProvenDecision proven{first.command,          first.command_hash, first.command_offset,
                                decision.back().offset, first.version,      events};
    if (from_nothing_) return store_.load(key, proven, reader_.cursor());
    store_.include(key, proven, reader_.cursor());
    if (store_.unwritten() > most_unwritten) store_.write();
}

void PartitionOwner::caught_up() {
    store_.include(reader_.cursor());
    store_.write();
    versions_.clear();
    next_offset_ = Offset{fence_.value + 1};
    decided_ = store_.progress().command;
    clock_ = store_.progress().clock;
    counts_.events_read += reader_.counts().events;
    counts_.void_records += reader_.counts().void_records;
    phase_ = Phase::owning;
    spdlog::info("{}/{}: owned from offset {}", partition_.context, partition_.number, fence_.value);
}

Offset PartitionOwner::resume_commands() {
    resumed_ = true;
    if (pending_.empty()) {  // else it goes on where it is
        next_command_ = answered_.value_or(Offset{decided_.value + 1});
        answered_ = next_command_;
    }
    return next_command_;
}

void PartitionOwner::resume_within(kafka::Watermarks held) {
    if (phase_ != Phase::owning) return;
    resumed_ = false;
    if (decided_ >= held.next) {
        return halt("commands_lost",
                    fmt::format("the log answers command {}, but the command topic ends at {}: it was cut or "
                                "created anew; restore it, or let it begin behind that offset",
                                decided_.value, held.next.value));
    }
    if (pending_.empty()) answered_ = std::clamp(next_command_, held.first, held.next);
}

std::optional<Offset> PartitionOwner::answered() const { return answered_; }

void PartitionOwner::write() {
    if (phase_ == Phase::catching_up && from_nothing_) return;  // it goes in large pieces
    store_.write();
    if (aggregates_.size() <= most_loaded) return;
    for (auto at = aggregates_.begin(); at != aggregates_.end() && aggregates_.size() > most_loaded / 2;) {
        at = at->second.unproven == 0 ? aggregates_.erase(at) : std::next(at);
    }
}

void PartitionOwner::halt(std::string_view alarm, std::string_view why) {
    spdlog::critical("ALARM {} in {}/{}: {}. This partition is halted.", alarm, partition_.context, partition_.number,
                     why);
    phase_ = Phase::halted;
    alarm_ = alarm;
}

std::optional<Instant> PartitionOwner::oldest_unproven() const {
    return pending_.empty() ? std::nullopt : std::optional{pending_.front().recorded};
}

const AggregateType* PartitionOwner::type_named(std::string_view name) const {
    const auto found = std::ranges::find(context_.aggregates, name, [](const auto& type) { return type->name(); });
    return found == context_.aggregates.end() ? nullptr : found->get();
}

std::string PartitionOwner::position_at(Offset offset) const {
    return fmt::format("{}/{}@{}", partition_.context, partition_.number, offset.value);
}

PartitionOwner::Loaded& PartitionOwner::load(const AggregateKey& key, const AggregateType& type) {
    auto& loaded = aggregates_[key];
    if (loaded.state != nullptr || loaded.unproven > 0) return loaded;
    if (store_.is_unwritten(key)) store_.write();
    loaded = {type.initial(), log::Version{0}, 0};
    store_.each_decision(key, [&](const ProvenDecision& decision) {
        loaded.decided.emplace_back(decision.command, decision.first);
        loaded.version = decision.last();
        try {
            for (const auto& event : decision.events)
                if (loaded.state != nullptr) type.evolve(*loaded.state, event.type, event.data);
        } catch (const UndigestedEvent& event) {
            spdlog::critical("ALARM undigested_event in {}/{}: {}", key.name, to_string(key.id), event.what());
            loaded.state.reset();
        }
    });
    return loaded;
}

}  // namespace kiroku::commands
