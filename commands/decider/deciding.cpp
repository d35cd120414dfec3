// commands/decider/deciding.cpp: what becomes of one command, and when it is told. Taking over: partition_owner.cpp.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "commands/decider/partition_owner.hpp"
#include "infra/runtime/log.hpp"
#include "infra/tracing/trace_context.hpp"

namespace kiroku::commands {
namespace {

/// The decision's events, each with its place in the aggregate's history.
std::vector<log::ReplyEvent> told(const ProvenDecision& decision) {
    std::vector<log::ReplyEvent> events;
    auto version = decision.first;
    for (const auto& event : decision.events) {
        events.push_back({std::string{event.type}, event.id, version, event.time, std::string{event.data}});
        ++version.value;
    }
    return events;
}

runtime::About about(const log::CommandRecord& command) {
    return {command.correlation, tracing::trace_id(tracing::read_traceparent(command.traceparent))};
}

}  // namespace

void PartitionOwner::decide(const kafka::Record& record, Instant clock) {
    // What still comes from before a takeover is read again, together with what was dropped then.
    if (phase_ != Phase::owning || !resumed_ || record.offset < next_command_) return;
    auto command = log::read_command(record.value);
    if (command && is_overdue(*command, clock)) {
        spdlog::warn("{}/{}: commands are overdue by this decider's clock; a new fence tells the time",
                     partition_.context, partition_.number);
        phase_ = Phase::idle;
        return;
    }
    next_command_ = Offset{record.offset.value + 1};
    Pending pending;
    pending.command_offset = record.offset;
    pending.recorded = last_recorded_ = record.timestamp;
    pending.taken = clock;
    if (command) {
        pending.command = std::move(*command);
        pending.reply.asker = pending.command.reply_to.asker;
        pending.reply.delivery = pending.command.delivery;
        pending.reply.command = pending.command.command;
        outcome(pending, record.timestamp, clock);
    } else {
        spdlog::error("{}/{}: the command at offset {} is none: {}", partition_.context, partition_.number,
                      record.offset.value, command.error());
        ++counts_.unreadable;
    }
    if (!rule_.order && pending.events.empty()) send_reply(pending), pending.command.reply_to = {};
    pending_.push_back(std::move(pending));
    if (!pending_.back().events.empty() && !append(pending_.back())) {
        spdlog::warn("{}/{}: the producer takes no more", partition_.context, partition_.number);
        phase_ = Phase::idle;
        return;
    }
    settle();
}

bool PartitionOwner::is_overdue(const log::CommandRecord& command, Instant clock) const {
    return rule_.fence_time && command.deadline != Instant{} && clock > command.deadline &&
           clock - fenced_at_ >= rule_.note_time_after;
}

bool PartitionOwner::has_expired(const Pending& pending, Instant now, Instant clock) const {
    const auto deadline = pending.command.deadline;
    if (deadline == Instant{}) return false;
    if (!rule_.fence_time) return std::max(now, clock) > deadline;
    return now > deadline || clock_.has_expired(pending.command_offset, deadline);
}

bool PartitionOwner::is_allowed(const log::CommandRecord& command, Instant now) const {
    return context_.authorizes == nullptr || now < authority_since ||
           context_.authorizes({command.actor, command.roles}, command.type);
}

void PartitionOwner::outcome(Pending& pending, Instant now, Instant clock) {
    const auto& command = pending.command;
    pending.type = type_named(command.aggregate);
    if (pending.type == nullptr || !command.type.starts_with(context_.name + ".")) {
        return refuse(pending, "command_malformed", "no aggregate of this context takes it");
    }
    const AggregateKey key{pending.type->name(), command.id};
    auto& loaded = load(key, *pending.type);
    if (const auto first = loaded.decided_by(command.command); first && rule_.recall) return recall(pending, *first);
    // Decided before we took over, without an event: it was answered, or its caller will ask again.
    if (pending.command_offset <= decided_) return skip(pending);
    if (has_expired(pending, now, clock)) {
        ++counts_.expired;
        return refuse(pending, "command_expired", {});
    }
    if (loaded.state == nullptr) return refuse(pending, "internal_error", {});
    if (!is_allowed(command, now)) {
        spdlog::critical("ALARM forbidden_command {} for {}/{} by {}", command.type, command.aggregate,
                         to_string(command.id), command.actor);
        ++counts_.forbidden;
        return refuse(pending, "forbidden", {});
    }
    try {
        decide_on(loaded, pending, now);
    } catch (const std::exception& bug) {
        runtime::log(runtime::LogLevel::critical, about(command), "ALARM poison_command {} for {}/{}: {}", command.type,
                     command.aggregate, to_string(command.id), bug.what());
        ++counts_.poison;
        loaded.state.reset();  // it may have evolved in part
        refuse(pending, "internal_error", {});
    }
}

void PartitionOwner::decide_on(Loaded& loaded, Pending& pending, Instant now) {
    const auto& command = pending.command;
    const bool is_checked = now >= authority_since && context_.authorizes != nullptr;
    const DecisionContext context{.now = now,
                                  .command = command.command,
                                  .aggregate = command.id,
                                  .user = is_checked ? Principal{command.actor, {}}.user() : std::nullopt};
    const bool is_stale = command.expected.value_or(loaded.version) != loaded.version;
    auto decided = pending.type->decide(*loaded.state, command.type, command.data, context, is_stale);
    if (!decided) return refuse(pending, decided.error().code, decided.error().detail);
    pending.decided = std::move(*decided);
    accept(loaded, pending, now);
}

void PartitionOwner::refuse(Pending& pending, std::string_view code, std::string_view detail) {
    pending.reply.refusal = code;
    pending.reply.detail = detail;
    ++counts_.refused;
}

void PartitionOwner::accept(Loaded& loaded, Pending& pending, Instant now) {
    const auto& events = pending.decided;
    if (events.empty()) {
        ++counts_.quiet;
        return;
    }
    ++counts_.accepted;
    const auto& command = pending.command;
    const auto subject = fmt::format("{}/{}", command.aggregate, to_string(command.id));
    pending.first = log::Version{loaded.version.value + 1};
    pending.texts.reserve(events.size());
    for (std::size_t part = 1; part <= events.size(); ++part) {
        const auto& event = events[part - 1];
        ++standing_.sequence.value;
        ++loaded.version.value;
        const EventId id{
            uuid_v7(now, uuid_v5(command.command.value, fmt::format("{}@{}", part, pending.command_offset.value)))};
        const log::Envelope envelope{
            .id = id,
            .type = event.type,
            .subject = subject,
            .aggregate = command.id,
            .time = now,
            .place = {standing_.term, standing_.sequence, static_cast<int>(part), static_cast<int>(events.size())},
            .version = loaded.version,
            .command = command.command,
            .command_hash = command.hash,
            .command_offset = pending.command_offset,
            .correlation = command.correlation,
            .causation = command.causation,
            .actor = command.actor,
            .organization = command.organization,
            .traceparent = command.traceparent,
            .personal_keys = {},
            .data = event.data};
        log::write_envelope(envelope, pending.texts.emplace_back());
        pending.events.push_back({id, now, event.type, event.data});
    }
    loaded.decided.emplace_back(command.command, pending.first);
    pending.last = standing_.sequence;
    ++loaded.unproven;
}

bool PartitionOwner::append(const Pending& pending) {
    const auto key = to_string(pending.command.id);
    return std::ranges::all_of(pending.texts, [&](const std::string& text) {
        ++sent_;
        return outlet_.append(partition_, key, text, round_ << 32 | sent_);
    });
}

void PartitionOwner::recall(Pending& pending, log::Version first) {
    if (const auto* earlier = unproven_at(pending, first)) return repeat(pending, earlier->decision());
    const AggregateKey key{pending.type->name(), pending.command.id};
    if (store_.is_unwritten(key)) store_.write();  // what is proven can be found only then
    store_.decision_at(key, first, [&](const ProvenDecision& decision) {
        repeat(pending, decision);
        if (!pending.reply.events.empty()) pending.reply.position = position_at(decision.last_event);
    });
}

const PartitionOwner::Pending* PartitionOwner::unproven_at(const Pending& like, log::Version first) const {
    const auto same = [&](const Pending& earlier) {
        return !earlier.events.empty() && earlier.first == first && earlier.command.id == like.command.id &&
               earlier.type == like.type;
    };
    const auto found = std::ranges::find_if(pending_, same);
    return found == pending_.end() ? nullptr : &*found;
}

void PartitionOwner::skip(Pending& pending) {
    pending.command.reply_to = {};
    ++counts_.skipped;
}

void PartitionOwner::repeat(Pending& pending, const ProvenDecision& earlier) {
    // Met again after a takeover: it made no event, and only a later record of the same command did.
    if (earlier.command_offset > pending.command_offset) return skip(pending);
    if (earlier.hash != pending.command.hash) return refuse(pending, "idempotency_key_reused", {});
    ++counts_.replayed;
    pending.reply.events = told(earlier);
    // The record that this decision answered, met again after a takeover, gets its first answer now.
    pending.reply.replayed = earlier.command_offset != pending.command_offset;
}

void PartitionOwner::settle() {
    while (!pending_.empty() && pending_.front().delivered == pending_.front().events.size()) {
        auto& front = pending_.front();
        if (!front.events.empty()) --aggregates_.at({front.type->name(), front.command.id}).unproven;
        send_reply(front);
        outlet_.done({front.command, front.command_offset, front.taken, front.reply.refusal, front.events.size()});
        answered_ = Offset{front.command_offset.value + 1};
        pending_.pop_front();
    }
}

void PartitionOwner::send_reply(Pending& pending) {
    const auto& to = pending.command.reply_to;
    if (!to.wanted() || (to.reads_log && !pending.events.empty())) return;
    auto& reply = pending.reply;
    if (!pending.events.empty()) {
        reply.events = told(pending.decision());
        reply.position = position_at(pending.last_event);
    } else if (reply.position.empty() && reply.accepted()) {
        reply.position = position_at(Offset{next_offset_.value - 1});
    }
    outlet_.reply(to, log::write_reply(reply));
}

std::optional<log::Version> PartitionOwner::Loaded::decided_by(CommandId command) const {
    const auto found = std::ranges::find(decided, command, &std::pair<CommandId, log::Version>::first);
    return found == decided.end() ? std::nullopt : std::optional{found->second};
}

ProvenDecision PartitionOwner::Pending::decision() const {
    return {command.command, command.hash, command_offset, last_event, first, events};
}

}  // namespace kiroku::commands
