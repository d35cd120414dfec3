#include "commands/reactor/reactor.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <set>

namespace kiroku::commands {
namespace {

using std::chrono::steady_clock;

constexpr int longest_wait_ms = 50;
constexpr int records_a_turn = 500;
constexpr int delivery_timeout_ms = 12'000;
constexpr std::chrono::milliseconds keep_interval{200};
constexpr std::chrono::milliseconds tell_interval{500};

constexpr std::array measures_told{
    runtime::Measure{"kiroku_react_partitions", "gauge", "Event partitions whose policies run here."},
    runtime::Measure{"kiroku_react_commands_sent_total", "counter", "Commands that events called for."},
    runtime::Measure{"kiroku_react_gone_back_total", "counter", "Times that commands could not be sent."},
    runtime::Measure{"kiroku_react_void_records_total", "counter", "Void records met."},
};

constexpr std::string_view event_suffix = ".events";

log::Partition partition_of(const kafka::TopicPartition& where) {
    return {where.topic.substr(0, where.topic.size() - event_suffix.size()), where.partition};
}

// The broker keeps a cursor as an offset with the note "<term>:<sequence>".
std::string note_of(const log::Standing& standing) {
    return fmt::format("{}:{}", standing.term.value, standing.sequence.value);
}

log::Cursor cursor_of(const kafka::Committed& kept) {
    const auto colon = kept.note.find(':');
    if (colon == std::string::npos) throw kafka::BrokerError("a kept offset of the reactor has no standing");
    return {kept.offset, {log::Term{std::stoll(kept.note)}, log::Sequence{std::stoll(kept.note.substr(colon + 1))}}};
}

std::vector<std::string> topics_of(const std::vector<Policy>& policies) {
    std::set<std::string> topics;
    for (const auto& policy : policies)
        topics.insert(log::event_topic(policy.event_type.substr(0, policy.event_type.find('.'))));
    return {topics.begin(), topics.end()};
}

}  // namespace

Reactor::Reactor(std::vector<Policy> policies, Settings settings)
    : reaction_(std::move(policies)), settings_(std::move(settings)), reader_(settings_.bootstrap) {}

void Reactor::run(const std::stop_token& stop) {
    member_ = std::make_unique<kafka::Consumer>(
        settings_.bootstrap, topics_of(reaction_.policies()),
        kafka::Membership{.group = "kiroku-react",
                          .instance = settings_.instance,
                          .assigned = [this](const auto& partitions) { assigned(partitions); },
                          .revoked = [this](const auto&) { keep(true), mine_.clear(), reader_.read({}); }});
    while (!stop.stop_requested()) {
        if (const auto message = member_->poll(mine_.empty() ? longest_wait_ms : 0);
            message.kind() == kafka::Message::Kind::fault) {
            spdlog::warn("react: {}", message.fault());
        }
        if (steady_clock::now() >= next_tell_) tell();
        if (mine_.empty()) continue;
        reader_.poll(longest_wait_ms, records_a_turn, [this](const auto& decision) {
            const auto cause = decision.events.front().envelope.traceparent;
            reaction_.respond(decision, [&](const auto& command) { send(command, cause); });
        });
        if (!all_sent()) {
            spdlog::warn("react: commands could not be sent; going back to where everything was");
            ++gone_back_;
            producer_.reset();
            reader_.read(reaction_.go_back());
        }
        if (steady_clock::now() >= next_keep_) keep(false);
    }
    keep(true);
    member_->leave();
}

void Reactor::assigned(const std::vector<kafka::TopicPartition>& partitions) {
    mine_ = partitions;
    joined_ = true;
    Reaction::Cursors from;
    for (const auto& where : partitions) from[partition_of(where)] = {};
    for (const auto& kept : member_->committed(partitions)) from[partition_of(kept.where)] = cursor_of(kept);
    member_->assign({});  // it is a member only to learn its share; the reader reads
    reaction_.begin(from);
    reader_.read(std::move(from));
    spdlog::info("react: {} partitions", partitions.size());
}

void Reactor::send(const log::CommandRecord& command, std::string_view cause) {
    if (!producer_) {
        failed_ = false;
        producer_ = std::make_unique<kafka::Producer>(
            settings_.bootstrap, [this](const kafka::Delivery& delivery) { failed_ = failed_ || !delivery.delivered; });
    }
    const auto topic = log::command_topic(command.type.substr(0, command.type.find('.')));
    auto& partitions = partitions_[topic];
    if (partitions == 0) partitions = producer_->partitions_of(topic);
    auto record = command;
    record.delivery = random_uuid_v7();
    const auto key = to_string(record.id);
    if (!producer_->send(topic, kafka::partition_of(key, partitions), key, log::write_command(record), 0))
        failed_ = true;
    ++sent_;
    if (settings_.spans == nullptr || !tracing::may_be_sampled(record.traceparent)) return;
    sending_.push_back(
        {.context = tracing::read_traceparent(record.traceparent),
         .parent = tracing::read_traceparent(cause).span,
         .kind = tracing::SpanKind::producer,
         .name = "react " + record.type,
         .begin = tracing::Clock::now(),
         .attributes = {
             {"messaging.system", "kafka"}, {"messaging.destination.name", topic}, {"kiroku.policy", record.actor}}});
}

bool Reactor::all_sent() {
    if (!producer_) return true;
    const bool sent = producer_->flush(delivery_timeout_ms) && !failed_ && producer_->fatal_error().empty();
    for (auto& span : sending_) {
        span.end = tracing::Clock::now();
        if (sent) settings_.spans->add(std::move(span));
    }
    sending_.clear();
    return sent;
}

std::span<const runtime::Measure> Reactor::measures() { return measures_told; }

void Reactor::tell() {
    next_tell_ = steady_clock::now() + tell_interval;
    if (settings_.vitals == nullptr) return;
    std::vector<runtime::Sample> samples{{"kiroku_react_partitions", "", double(mine_.size())},
                                         {"kiroku_react_commands_sent_total", "", double(sent_)},
                                         {"kiroku_react_gone_back_total", "", double(gone_back_)}};
    for (const auto& where : mine_) {
        const auto partition = partition_of(where);
        samples.push_back({"kiroku_react_void_records_total",
                           fmt::format(R"(context="{}",partition="{}")", partition.context, partition.number),
                           double(reader_.reader(partition).counts().void_records)});
    }
    settings_.vitals->tell("policies", std::move(samples), joined_ ? "" : "the group hasn't said yet what is ours",
                           steady_clock::now());
}

void Reactor::keep(bool wait) {
    next_keep_ = steady_clock::now() + keep_interval;
    std::vector<kafka::Committed> offsets;
    for (const auto& [partition, cursor] : reaction_.keep()) {
        offsets.push_back(
            {{log::event_topic(partition.context), partition.number}, cursor.next, note_of(cursor.standing)});
    }
    try {
        member_->commit(offsets, wait);
    } catch (const kafka::BrokerError& error) {  // a successor sends a few commands again, that's all
        spdlog::info("react: {}", error.what());
    }
}

}  // namespace kiroku::commands
