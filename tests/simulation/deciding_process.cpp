#include "tests/simulation/deciding_process.hpp"

#include <fmt/format.h>

namespace kiroku::sim {

using commands::PartitionOwner;

void DecidingProcess::start() {
    surroundings_.sessions.push_back({number_, ++lives_});
    life_ = Life{&surroundings_.sessions.back()};
    paused_ = false;
}

void DecidingProcess::tell(int life, int partition, std::uint64_t tag, std::optional<Offset> offset) {
    if (life_ && life == lives_) life_->inbox.push_back({partition, tag, offset});
}

std::string_view DecidingProcess::step(Choices& choices) {
    if (choices.chance(3)) points_.arm(choices);
    std::string_view ended_at;
    try {
        act(choices);
    } catch (const Crash& crash) {
        ended_at = crash.point;
        life_.reset();
    }
    points_.disarm();
    return ended_at;
}

void DecidingProcess::act(Choices& choices) {
    follow_assignment();
    if (life_->owners.empty()) return;
    const int partition = choices.one_of(life_->owners).first;
    const int doing = choices.below(100);
    if (doing < 40) {
        for (int told = choices.from(1, 6); told > 0 && hear(); --told) {
        }
    } else if (doing < 50) {
        life_->owners.at(partition).write();
    } else if (doing < 55) {
        commit(partition);
    } else {
        look_after(partition, choices.from(1, 6));
    }
}

void DecidingProcess::work_off() {
    constexpr int all = 1'000'000;
    follow_assignment();
    while (hear()) {
    }
    for (const int partition : assigned_) {
        while (look_after(partition, all)) {
        }
        life_->owners.at(partition).write();
    }
}

bool DecidingProcess::idle() const {
    return life_ && std::ranges::all_of(assigned_, [&](int partition) {
               const auto found = life_->owners.find(partition);
               return found != life_->owners.end() && found->second.phase() == PartitionOwner::Phase::owning &&
                      found->second.unproven() == 0 &&
                      found->second.next_command().value == surroundings_.topics.commands.size(partition);
           });
}

std::string DecidingProcess::phases() const {
    std::string text;
    if (!life_) return "dead";
    for (const auto& [number, owner] : life_->owners) {
        text +=
            fmt::format("{}: phase {}, next command {} of {}, unproven {}; ", number, static_cast<int>(owner.phase()),
                        owner.next_command().value, surroundings_.topics.commands.size(number), owner.unproven());
    }
    return text;
}

void DecidingProcess::follow_assignment() {
    for (auto owner = life_->owners.begin(); owner != life_->owners.end();) {
        if (!assigned_.contains(owner->first)) owner->second.write();
        owner = assigned_.contains(owner->first) ? std::next(owner) : life_->owners.erase(owner);
    }
    for (const int number : assigned_) {
        life_->owners.try_emplace(number, context_, log::Partition{context_name, number}, disk_,
                                  static_cast<Outlet&>(*this), fmt::format("decider-{}", number_), committed(number),
                                  rule_);
    }
}

bool DecidingProcess::hear() {
    if (life_->inbox.empty()) return false;
    const auto told = life_->inbox.front();
    life_->inbox.pop_front();
    const auto owner = life_->owners.find(told.partition);
    if (owner == life_->owners.end()) return true;
    if (told.offset) {
        owner->second.delivered(told.tag, *told.offset);
    } else {
        owner->second.failed(told.tag, "lost");
    }
    return true;
}

/// False: there is nothing to do before something is heard.
bool DecidingProcess::look_after(int partition, int most) {
    auto& owner = life_->owners.at(partition);
    if (owner.phase() != PartitionOwner::Phase::owning) life_->deciding.erase(partition);
    if (owner.phase() != PartitionOwner::Phase::catching_up) life_->reading.erase(partition);
    switch (owner.phase()) {
        case PartitionOwner::Phase::idle:
            owner.take_over(clock(), "simulated", Offset{surroundings_.topics.commands.size(partition)});
            return true;
        case PartitionOwner::Phase::catching_up: return catch_up(partition, most);
        case PartitionOwner::Phase::owning: return decide(partition, most);
        default: return false;
    }
}

bool DecidingProcess::catch_up(int partition, int most) {
    auto& owner = life_->owners.at(partition);
    auto& at = life_->reading.try_emplace(partition, owner.read_from().value).first->second;
    const auto& events = surroundings_.topics.events;
    for (; most > 0 && owner.phase() == PartitionOwner::Phase::catching_up && at < events.size(partition); --most) {
        if (!owner.read(events.record(partition, at++))) at = owner.read_from().value;
    }
    return owner.phase() == PartitionOwner::Phase::owning;
}

bool DecidingProcess::decide(int partition, int most) {
    auto& owner = life_->owners.at(partition);
    const auto& commands = surroundings_.topics.commands;
    if (life_->deciding.insert(partition).second) owner.resume_commands();
    bool any = false;
    for (; most > 0 && owner.next_command().value < commands.size(partition); --most, any = true) {
        if (owner.phase() != PartitionOwner::Phase::owning) return true;
        owner.decide(commands.record(partition, owner.next_command().value), clock());
    }
    return any;
}

void DecidingProcess::commit(int partition) {
    const auto answered = life_->owners.at(partition).answered();
    if (answered) surroundings_.topics.committed[partition] = *answered;
}

std::optional<Offset> DecidingProcess::committed(int partition) const {
    const auto found = surroundings_.topics.committed.find(partition);
    return found == surroundings_.topics.committed.end() ? std::nullopt : std::optional{found->second};
}

bool DecidingProcess::append(const log::Partition& partition, std::string_view, std::string_view value,
                             std::uint64_t tag) {
    points_.pass("before it appends");
    life_->session->lanes.at(static_cast<std::size_t>(partition.number)).push_back({std::string{value}, tag});
    points_.pass("after it appended");
    return true;
}

void DecidingProcess::reply(const log::ReplyTo& to, std::string_view value) {
    points_.pass("before it answers");
    surroundings_.replies.push_back({to.asker, std::string{value}});
    points_.pass("after it answered");
}

}  // namespace kiroku::sim
