// commands/decider/context_runner.cpp: wakes when a queue has something, drains them all, sleeps again.
#include "commands/decider/context_runner.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace kiroku::commands {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t most_unproven = 20'000;  // decisions on their way; beyond, no new commands are taken
constexpr int longest_sleep_ms = 100;
constexpr std::chrono::milliseconds commit_interval{200};
constexpr std::chrono::milliseconds write_interval{20};
constexpr std::chrono::milliseconds tell_interval{500};
constexpr std::chrono::seconds leave_within{10};

Instant wall_clock() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

ContextRunner::ContextRunner(const Context& context, store::OrderedMap& store, Settings settings)
    : context_(context),
      store_(store),
      settings_(std::move(settings)),
      command_topic_(log::command_topic(context.name)),
      event_topic_(log::event_topic(context.name)),
      replies_topic_(log::replies_topic) {}

ContextRunner::~ContextRunner() {
    member_.reset();
    feeds_.reset();
    producer_.reset();
}

void ContextRunner::run(const std::stop_token& stop) {
    make_producer();
    join();
    while (!stop.stop_requested()) {
        while (turn() && !stop.stop_requested()) {
        }
        if (steady_clock::now() >= next_commit_) commit(false);
        if (steady_clock::now() >= next_tell_) tell();
        wakeup_.sleep(std::chrono::milliseconds{producer_->patience(longest_sleep_ms)});
    }
    leave();
}

void ContextRunner::make_producer() {
    producer_ = std::make_unique<kafka::Producer>(settings_.bootstrap,
                                                  [this](const kafka::Delivery& delivery) { on_delivery(delivery); });
    replies_partitions_ = producer_->partitions_of(replies_topic_);
    static_cast<void>(producer_->partitions_of(event_topic_));
    producer_->wake(wakeup_.fd());
}

void ContextRunner::join() {
    feeds_ = std::make_unique<PartitionFeeds>(context_.name, settings_.bootstrap, owners_, wakeup_.fd());
    member_ = std::make_unique<kafka::Consumer>(
        settings_.bootstrap, std::vector{command_topic_},
        kafka::Membership{.group = fmt::format("{}-{}", settings_.group, context_.name),
                          .instance = settings_.instance,
                          .assigned = [this](const auto& partitions) { assigned(partitions); },
                          // The group takes all back before it shares out anew; most will stay here. So deciding goes
                          // on: whoever is given one of them fences, and what we write behind that is void.
                          .revoked = [this](const auto&) { commit(false), settled_ = false; }});
    member_->wake(wakeup_.fd());
}

void ContextRunner::follow_group() {
    for (auto news = member_->poll(0); news.kind() != kafka::Message::Kind::nothing; news = member_->poll(0)) {
        if (news.kind() == kafka::Message::Kind::fault) spdlog::warn("{}: the group: {}", context_.name, news.fault());
    }
}

void ContextRunner::assigned(const std::vector<kafka::TopicPartition>& partitions) {
    std::set<int> mine;
    for (const auto& [topic, number] : partitions) mine.insert(number);
    for (auto owner = owners_.begin(); owner != owners_.end();) {
        if (!mine.contains(owner->first)) owner->second.write();
        owner = mine.contains(owner->first) ? std::next(owner) : owners_.erase(owner);
    }
    std::vector<kafka::TopicPartition> gained;
    for (const int number : mine) {
        if (owners_.contains(number)) continue;
        gained.push_back({command_topic_, number});
        committed_[number] = std::nullopt;
    }
    if (!gained.empty()) {
        try {
            for (const auto& [where, offset, note] : member_->committed(gained)) committed_[where.partition] = offset;
        } catch (const kafka::BrokerError& error) {  // it would only have saved looking at some commands again
            spdlog::info("{}: {}", context_.name, error.what());
        }
    }
    for (const auto& [topic, number] : gained) {
        owners_.try_emplace(number, context_, log::Partition{context_.name, number}, store_, outlet(),
                            settings_.instance, committed_[number]);
    }
    member_->assign({});
    settled_ = true;
    joined_ = true;
    spdlog::info("{}: {} partitions, {} of them new", context_.name, mine.size(), gained.size());
}

/// Drains each queue a little. False: nothing was there.
bool ContextRunner::turn() {
    follow_group();
    producer_->poll();
    if (!producer_->fatal_error().empty()) renew_producer();
    take_over_doubtful();
    const bool had_events = feeds_->hand_over_events();
    const bool had_commands = unproven() <= most_unproven && feeds_->hand_over_commands(wall_clock());
    take_over_doubtful();
    producer_->poll();
    if (steady_clock::now() >= next_write_) write();
    return had_events || had_commands;
}

void ContextRunner::renew_producer() {
    spdlog::warn("{}: the producer can't go on ({}); a new one takes over", context_.name, producer_->fatal_error());
    make_producer();
    for (auto& [number, owner] : owners_) take_over(owner, "new producer");
}

void ContextRunner::take_over_doubtful() {
    for (auto& [number, owner] : owners_) {
        // While the group shares out anew, whoever is fenced off may have lost the partition: it doesn't fence back.
        if (owner.phase() == PartitionOwner::Phase::idle && settled_)
            take_over(owner, owner.counts().takeovers == 0 ? "assigned" : "in doubt");
    }
    feeds_->follow();
}

void ContextRunner::take_over(PartitionOwner& owner, std::string_view why) {
    owner.take_over(wall_clock(), why, feeds_->end_of_commands(owner.partition().number));
}

/// What is proven lies in the log; the local store may be a little behind it.
void ContextRunner::write() {
    next_write_ = steady_clock::now() + write_interval;
    for (auto& [number, owner] : owners_) owner.write();
}

bool ContextRunner::append(const log::Partition& partition, std::string_view key, std::string_view value,
                           std::uint64_t tag) {
    return producer_->send(event_topic_, partition.number, key, value,
                           tag | static_cast<std::uint64_t>(partition.number) << 52);
}

void ContextRunner::reply(const log::ReplyTo& to, std::string_view value) {
    if (to.partition < replies_partitions_)
        static_cast<void>(producer_->send(replies_topic_, to.partition, {}, value, 0));
}

void ContextRunner::done(const DoneCommand& done) {
    if (settings_.spans == nullptr || !tracing::may_be_sampled(done.command.traceparent)) return;
    auto span = tracing::hop(tracing::read_traceparent(done.command.traceparent), tracing::SpanKind::consumer,
                             "decide " + done.command.type, done.taken);
    span.attributes = {{"messaging.system", "kafka"},
                       {"messaging.destination.name", command_topic_},
                       {"messaging.kafka.offset", done.offset.value},
                       {"kiroku.events", static_cast<std::int64_t>(done.events)},
                       {"kiroku.refusal", std::string{done.refusal}}};
    settings_.spans->add(std::move(span));
}

void ContextRunner::on_delivery(const kafka::Delivery& delivery) {
    constexpr std::uint64_t own_bits = (std::uint64_t{1} << 52) - 1;
    if (delivery.tag == 0) return;  // a reply; if it is lost its asker asks again
    const auto owner = owners_.find(static_cast<int>(delivery.tag >> 52));
    if (owner == owners_.end()) return;
    if (delivery.delivered) {
        owner->second.delivered(delivery.tag & own_bits, delivery.offset);
    } else {
        owner->second.failed(delivery.tag & own_bits, delivery.error);
    }
}

std::size_t ContextRunner::unproven() const {
    std::size_t sum = 0;
    for (const auto& [number, owner] : owners_) sum += owner.unproven();
    return sum;
}

void ContextRunner::commit(bool wait) {
    next_commit_ = steady_clock::now() + commit_interval;
    std::vector<kafka::Committed> offsets;
    for (const auto& [number, owner] : owners_) {
        const auto answered = owner.answered();
        if (!answered || committed_[number] == answered) continue;
        committed_[number] = answered;
        offsets.push_back({{command_topic_, number}, *answered, {}});
    }
    try {
        member_->commit(offsets, wait);
    } catch (const kafka::BrokerError& error) {  // a successor looks at a few commands again, that's all
        spdlog::info("{}: {}", context_.name, error.what());
    }
}

void ContextRunner::tell() {
    next_tell_ = steady_clock::now() + tell_interval;
    if (settings_.vitals == nullptr) return;
    std::vector<runtime::Sample> samples;
    for (const auto& [number, owner] : owners_) {
        const auto end = feeds_->heard_end(number).value_or(owner.next_command());
        const auto some = measures_[number].take(owner, end, wall_clock());
        samples.insert(samples.end(), some.begin(), some.end());
    }
    settings_.vitals->tell(context_.name, std::move(samples), problem(), steady_clock::now());
}

/// One that has no partition, because others have them all, is ready: it stands by.
std::string ContextRunner::problem() const {
    if (!joined_) return "the group hasn't said yet what is ours";
    for (const auto& [number, owner] : owners_)
        if (auto problem = problem_of(owner); !problem.empty()) return problem;
    return "";
}

void ContextRunner::leave() {
    feeds_->end_commands();
    const auto give_up = steady_clock::now() + leave_within;
    while (unproven() > 0 && steady_clock::now() < give_up) producer_->poll(10);
    static_cast<void>(producer_->flush(1000));
    write();
    commit(true);
    member_->leave();
    store_.flush();
}

}  // namespace kiroku::commands
