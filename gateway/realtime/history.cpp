// gateway/realtime/history.cpp: the latest decisions, for clients that come back and for requests that wait.
#include "gateway/realtime/history.hpp"

namespace kiroku::gateway::realtime {

void History::add(std::shared_ptr<const PastDecision> decision) {
    const auto before = entries_.size();
    for (const auto& event : decision->events) {
        if (event.owner != UserId{}) link({Channel::Kind::me, event.owner}, decision->slot, event);
        if (!event.public_text.empty()) link(leaderboard_channel, decision->slot, event);
    }
    links_.push_back(entries_.size() - before);
    bytes_ += decision->bytes();
    by_command_[decision->command] = decision;
    decisions_.push_back(std::move(decision));
    while (decisions_.size() > bounds_.decisions || (bytes_ > bounds_.bytes && decisions_.size() > 1)) forget_oldest();
}

void History::link(const Channel& channel, Slot slot, const PastEvent& event) {
    const auto arrival = next_arrival();
    const auto [found, first_one] = channels_.try_emplace(channel, Ends{arrival, arrival});
    if (!first_one) {
        entries_[found->second.last - first_].next = arrival;
        found->second.last = arrival;
    }
    entries_.push_back({&event, channel, slot, std::nullopt});
}

void History::forget_oldest() {
    const auto decision = std::move(decisions_.front());
    decisions_.pop_front();
    for (auto left = links_.front(); left > 0; --left, ++first_) {
        const auto& entry = entries_.front();
        if (entry.next) {
            channels_.at(entry.channel).first = *entry.next;
        } else {
            channels_.erase(entry.channel);
        }
        entries_.pop_front();
    }
    links_.pop_front();
    ++forgotten_;
    bytes_ -= decision->bytes();
    complete_from_[decision->slot] = decision->next;
    const auto answer = by_command_.find(decision->command);
    if (answer != by_command_.end() && answer->second == decision) by_command_.erase(answer);
}

std::shared_ptr<const PastDecision> History::answer_to(const CommandId& command) const {
    const auto found = by_command_.find(command);
    return found == by_command_.end() ? nullptr : found->second;
}

std::optional<Arrival> History::first_of(const Channel& channel) const {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return std::nullopt;
    return found->second.first;
}

const History::Entry* History::at(Arrival arrival) const {
    if (arrival < first_ || arrival >= next_arrival()) return nullptr;
    return &entries_[arrival - first_];
}

}  // namespace kiroku::gateway::realtime
