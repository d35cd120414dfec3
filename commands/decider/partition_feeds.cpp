#include "commands/decider/partition_feeds.hpp"

#include <spdlog/spdlog.h>

#include <vector>

#include "infra/log/command.hpp"

namespace kiroku::commands {
namespace {

using Kind = kafka::Message::Kind;
using Phase = PartitionOwner::Phase;

constexpr int commands_a_turn = 256;
constexpr int events_a_turn = 4'000;
constexpr std::chrono::milliseconds answer_within{500};  // the others wait meanwhile
constexpr std::chrono::seconds look_again_after{1};
constexpr std::chrono::seconds ask_again_after{10};  // when there was no answer

}  // namespace

PartitionFeeds::PartitionFeeds(const std::string& context, const std::string& bootstrap, PartitionOwners& owners,
                               int wakeup)
    : context_(context),
      owners_(owners),
      events_{log::event_topic(context), kafka::Consumer{bootstrap}},
      commands_{log::command_topic(context), kafka::Consumer{bootstrap}} {
    for (auto* reading : {&events_, &commands_}) {
        // Else its first fetch is up to a second late.
        static_cast<void>(reading->consumer.partitions_of(reading->topic));
        reading->consumer.wake(wakeup);
    }
}

void PartitionFeeds::Reading::begin(int number, Offset from) {
    if (numbers.insert(number).second) consumer.add({{topic, number}, from});
}

void PartitionFeeds::Reading::end(int number) {
    if (numbers.erase(number) > 0) consumer.drop({topic, number});
}

PartitionOwner* PartitionFeeds::owner_of(int number) {
    const auto owner = owners_.find(number);
    return owner == owners_.end() ? nullptr : &owner->second;
}

void PartitionFeeds::follow() {
    for (const int number : std::vector(events_.numbers.begin(), events_.numbers.end())) {
        const auto* owner = owner_of(number);
        if (owner == nullptr || owner->phase() != Phase::catching_up) events_.end(number);
    }
    for (const int number : std::vector(commands_.numbers.begin(), commands_.numbers.end())) {
        const auto* owner = owner_of(number);
        if (owner == nullptr || !owner->hears_commands()) commands_.end(number);
    }
    for (auto& [number, owner] : owners_) {
        if (const auto until = not_before_.find(number); until != not_before_.end()) {
            if (Clock::now() < until->second) continue;
            not_before_.erase(until);
        }
        if (owner.phase() == Phase::catching_up && !events_.numbers.contains(number)) {
            begun_[number] = {Clock::now(), owner.counts().events_read};
            events_.begin(number, owner.read_from());
        }
        if (owner.phase() == Phase::owning && !commands_.numbers.contains(number)) {
            tell_speed(number, owner);
            commands_.begin(number, owner.resume_commands());
        }
    }
}

bool PartitionFeeds::hand_over_events() {
    for (int taken = 0; taken < events_a_turn; ++taken) {
        const auto message = events_.consumer.poll(0);
        switch (message.kind()) {
            case Kind::nothing: return taken > 0;
            case Kind::end_of_partition: break;
            case Kind::fault:
                spdlog::warn("{}: reading events: {}", context_, message.fault());
                if (message.offset_lost()) look_for_events(message.record().partition);
                break;
            case Kind::record: hand_over_event(message.record());
        }
    }
    return true;
}

void PartitionFeeds::hand_over_event(const kafka::Record& record) {
    auto* owner = owner_of(record.partition);
    if (owner == nullptr || owner->read(record)) return;
    events_.end(record.partition);  // it begins anew
    follow();
}

bool PartitionFeeds::hand_over_commands(Instant clock) {
    for (int taken = 0; taken < commands_a_turn; ++taken) {
        const auto message = commands_.consumer.poll(0);
        if (message.kind() == Kind::nothing) return taken > 0;
        if (message.kind() == Kind::fault) {
            spdlog::warn("{}: reading commands: {}", context_, message.fault());
            if (message.offset_lost()) look_for_commands(message.record().partition);
            continue;
        }
        const auto record = message.record();
        auto* owner = owner_of(record.partition);
        if (owner == nullptr) continue;
        if (message.kind() == Kind::record) {
            owner->decide(record, clock);
        } else if (owner->misses_commands(record.offset)) {
            look_for_commands(record.partition);
        }
    }
    return true;
}

/// A leader that took over a moment ago may not know how far the log goes: what its end is said to be decides.
void PartitionFeeds::look_for_events(int number) {
    auto* owner = owner_of(number);
    if (owner == nullptr || !events_.numbers.contains(number)) return;
    pause(events_, number);
    const auto held = ask(events_, number);
    if (!held) return;
    const auto from = owner->read_from();
    if (from < held->first || from > held->next) owner->start_over("it doesn't hold the offset where the store ends");
}

void PartitionFeeds::look_for_commands(int number) {
    auto* owner = owner_of(number);
    if (owner == nullptr || !commands_.numbers.contains(number)) return;
    pause(commands_, number);
    if (const auto held = ask(commands_, number)) owner->resume_within(*held);
}

/// Reading it begins anew in a while.
void PartitionFeeds::pause(Reading& reading, int number) {
    reading.end(number);
    not_before_[number] = Clock::now() + look_again_after;
}

/// By the client that is idle most of the time: behind a fetch the question would wait.
std::optional<kafka::Watermarks> PartitionFeeds::ask(const Reading& reading, int number) {
    try {
        return events_.consumer.watermarks({reading.topic, number}, answer_within);
    } catch (const kafka::BrokerError& error) {
        spdlog::info("{}: {}", context_, error.what());
        return std::nullopt;
    }
}

Offset PartitionFeeds::end_of_commands(int number) {
    if (Clock::now() >= no_question_before_) {
        if (const auto held = ask(commands_, number)) return held->next;
        no_question_before_ = Clock::now() + ask_again_after;
    }
    return heard_end(number).value_or(Offset{0});
}

void PartitionFeeds::end_commands() {
    for (const int number : std::vector(commands_.numbers.begin(), commands_.numbers.end())) commands_.end(number);
}

std::optional<Offset> PartitionFeeds::heard_end(int number) const {
    return commands_.consumer.heard_end({commands_.topic, number});
}

void PartitionFeeds::tell_speed(int number, const PartitionOwner& owner) {
    const auto begun = begun_.extract(number);
    if (begun.empty()) return;
    const std::chrono::duration<double> took = Clock::now() - begun.mapped().since;
    const auto events = owner.counts().events_read - begun.mapped().events_before;
    spdlog::info("{}/{}: caught up with {} events in {:.2f} s, {:.0f} events/s", context_, number, events, took.count(),
                 static_cast<double>(events) / took.count());
}

}  // namespace kiroku::commands
